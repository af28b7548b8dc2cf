//go:build ignore

// Godebug prints the GODEBUG settings that Go releases know.
//
//	go run internal/knowledge/gen/godebug.go GOROOT... >internal/knowledge/data/godebug.csv
//
// Each GOROOT is the root of one release, best the newest patch of each minor
// since patches may add settings; the order does not matter. A setting is read
// from src/internal/godebugs/table.go (there since Go 1.21), a variable of the
// runtime from dbgvars in src/runtime/runtime1.go. since is the oldest minor
// among the roots that knows the name, until the newest.
package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type setting struct {
	name, kind, pkg, old, removedOld string
	since, until, changed, removed   int
	opaque, immutable                bool
}

var (
	entry   = regexp.MustCompile(`(?m)^\t\{Name: "([^"]+)", Package: "([^"]+)"(.*)\},`)
	removal = regexp.MustCompile(`(?m)^\t\{Name: "([^"]+)", Removed: (\d+).*\},(?:\s*// Old: (.*))?`)
	runtime = regexp.MustCompile(`(?m)^\t\{(?:name: )?"([a-z0-9]+)", `)
	changed = regexp.MustCompile(`Changed: (\d+)`)
	old     = regexp.MustCompile(`Old: "([^"]*)"`)
	version = regexp.MustCompile(`go1\.(\d+)(\S*)`)
)

func main() {
	all := map[string]*setting{}
	var versions []string
	for _, root := range sorted(os.Args[1:]) {
		m := version.FindStringSubmatch(read(root, "VERSION"))
		minor, _ := strconv.Atoi(m[1])
		versions = append(versions, m[0])
		table := read(root, "src/internal/godebugs/table.go")
		for _, e := range entry.FindAllStringSubmatch(table, -1) {
			s := get(all, e[1], "setting", minor)
			s.pkg, s.until = e[2], minor
			s.opaque, s.immutable = strings.Contains(e[3], "Opaque: true"), strings.Contains(e[3], "Immutable: true")
			if m := changed.FindStringSubmatch(e[3]); m != nil {
				s.changed, _ = strconv.Atoi(m[1])
			}
			if m := old.FindStringSubmatch(e[3]); m != nil {
				s.old = m[1]
			}
		}
		for _, e := range removal.FindAllStringSubmatch(table, -1) {
			s := get(all, e[1], "setting", minor)
			s.removed, _ = strconv.Atoi(e[2])
			s.removedOld = strings.Join(quoted.FindAllString(e[3], -1), " ")
		}
		for _, e := range runtime.FindAllStringSubmatch(read(root, "src/runtime/runtime1.go"), -1) {
			s := get(all, e[1], "runtime", minor)
			s.until = minor
		}
	}
	fmt.Printf("# source: src/internal/godebugs/table.go and dbgvars of src/runtime/runtime1.go of %s; written by gen/godebug.go\n", strings.Join(versions, " "))
	fmt.Println("name,kind,package,since,until,changed,old,opaque,immutable,removed,removed_old")
	for _, s := range rows(all) {
		fmt.Printf("%s,%s,%s,%d,%d,%s,%s,%t,%t,%s,%s\n", s.name, s.kind, s.pkg, s.since, s.until, number(s.changed), s.old, s.opaque, s.immutable, number(s.removed), strings.ReplaceAll(s.removedOld, `"`, ""))
	}
}

var quoted = regexp.MustCompile(`"[^"]*"`)

func get(all map[string]*setting, name, kind string, minor int) *setting {
	if all[name] == nil {
		all[name] = &setting{name: name, kind: kind, since: minor, until: minor}
	}
	return all[name]
}

func rows(all map[string]*setting) (rows []*setting) {
	for _, s := range all {
		rows = append(rows, s)
	}
	slices.SortFunc(rows, func(a, b *setting) int { return cmp.Compare(a.name, b.name) })
	return rows
}

// sorted orders roots by release, oldest first.
func sorted(roots []string) []string {
	minor := func(root string) int {
		n, _ := strconv.Atoi(version.FindStringSubmatch(read(root, "VERSION"))[1])
		return n
	}
	return slices.SortedFunc(slices.Values(roots), func(a, b string) int { return minor(a) - minor(b) })
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func read(root, name string) string {
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return string(data)
}
