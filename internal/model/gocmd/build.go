package gocmd

import (
	"errors"
	"strings"
)

// Bool returns the value of a boolean flag. known is false where it is not
// known, or where a word that is not known may set it.
func (c Command) Bool(name string) (on, known bool) {
	f, set, known := c.Flag(name)
	if !set {
		return false, known
	}
	switch f.Value.Text {
	case "1", "t", "T", "true", "TRUE", "True":
		return true, known && f.Value.Known
	case "0", "f", "F", "false", "FALSE", "False":
		return false, known && f.Value.Known
	}
	return false, false
}

// Text returns the value of a flag, empty where it is not set.
func (c Command) Text(name string) (text string, known bool) {
	f, set, known := c.Flag(name)
	if !set {
		return "", known
	}
	return f.Value.Text, known && f.Value.Known
}

// Tags returns the build tags: the last -tags, split at commas, or at blanks
// if it has any (cmd/go/internal/work/build.go, tagsFlag).
func (c Command) Tags() (tags []string, known bool) {
	text, known := c.Text("tags")
	if strings.ContainsAny(text, " '") {
		words, err := Split(text)
		return words, known && err == nil
	}
	for t := range strings.SplitSeq(text, ",") {
		if t != "" {
			tags = append(tags, t)
		}
	}
	return tags, known
}

// PerPackage returns the words of -ldflags, -gcflags, -asmflags or -gccgoflags
// for the packages named on the command line: those of the last flag whose
// pattern matches them (cmd/go/internal/load/flag.go, PerPackageFlag). A flag
// without pattern and all match; std and cmd do not; whether another pattern
// does is not known. index is the place of that flag in All(name), -1 if none.
func (c Command) PerPackage(name string) (words []string, index int, known bool) {
	known = len(c.Opaque) == 0
	list := c.All(name)
	for i := len(list) - 1; i >= 0; i-- {
		v := list[i].Value
		pattern, flags, err := perPackage(v.Text)
		switch {
		case !v.Known || err != nil:
			return nil, i, false
		case pattern == "std" || pattern == "cmd":
			continue
		case pattern == "" || pattern == "all":
			words, err := Split(flags)
			return words, i, known && err == nil
		}
		return nil, i, false
	}
	return nil, -1, known
}

// perPackage takes pattern=flags apart.
func perPackage(v string) (pattern, flags string, err error) {
	v = strings.TrimSpace(v)
	if v == "" || v[0] == '-' {
		return "", v, nil
	}
	pattern, flags, ok := strings.Cut(v, "=")
	switch {
	case !ok:
		return "", "", errors.New("missing =<value> in <pattern>=<value>")
	case pattern == "":
		return "", "", errors.New("missing <pattern> in <pattern>=<value>")
	case v[0] == '\'' || v[0] == '"':
		return "", "", errors.New("parameter may not start with quote character " + v[:1])
	}
	return strings.TrimSpace(pattern), flags, nil
}

// Dir returns the directory of -C, empty if there is none. Relative arguments
// and the go.mod of the command are looked for from there.
func (c Command) Dir() (dir Value, set bool) {
	f, set, _ := c.Flag("C")
	return f.Value, set
}

// Output returns what -o names, empty if it is not set.
func (c Command) Output() (out Value, set bool) {
	f, set, _ := c.Flag("o")
	return f.Value, set
}
