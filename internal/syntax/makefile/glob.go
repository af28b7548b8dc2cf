package makefile

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// maxNames bounds what one pattern may match.
const maxNames = 1000

// glob returns the files and folders that match a pattern, sorted, as make
// writes them: with the folders that the pattern names. all is false where
// others may be there.
func (mk *Makefile) glob(pattern string) (found []string, all bool) {
	if mk.call.Names == nil || !mk.dir.Known() || strings.ContainsAny(pattern, `~\[{`+shell.Hole) || strings.HasSuffix(pattern, "/") {
		return nil, false
	}
	found, all = []string{""}, true
	elements := strings.Split(pattern, "/")
	for i, element := range elements {
		if i+1 < len(elements) && !strings.ContainsAny(element, "*?") {
			for j := range found {
				found[j] += element + "/"
			}
			continue
		}
		var next []string
		for _, dir := range found {
			names, exact := mk.call.Names(mk.path(dir))
			if !strings.ContainsAny(element, "*?") && !slices.Contains(names, element) {
				_, exact = mk.call.Names(mk.path(dir + element)) // whether something may have made it
			}
			all = all && exact
			for _, name := range names {
				if ok, err := path.Match(element, name); err == nil && ok && (name[0] != '.' || element[0] == '.') {
					next = append(next, dir+name)
				}
			}
		}
		if len(next) > maxNames {
			return nil, false
		}
		if found = next; i+1 < len(elements) {
			for j := range found {
				found[j] += "/"
			}
		}
	}
	slices.Sort(found)
	return found, all
}

// wildcard evaluates $(wildcard): each pattern by itself, those that match
// nothing left out. What a recipe finds missing may have been made by another
// one before it.
func (x *expander) wildcard(patterns string) string {
	if strings.Contains(patterns, shell.Hole) {
		return x.hole("what $(wildcard) looks for is not known")
	}
	var out []string
	for _, pattern := range words(patterns) {
		found, all := x.mk.glob(pattern)
		if !all || len(found) == 0 && x.mk.planning {
			return x.hole("which files match " + pattern + " is not known")
		}
		out = append(out, found...)
	}
	return strings.Join(out, " ")
}
