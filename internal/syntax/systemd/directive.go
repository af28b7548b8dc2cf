package systemd

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// directivesCSV holds the directives of systemd 257.13. One that it does not
// have may be newer.
//
//go:embed directives.csv
var directivesCSV string

// Directive is a key that systemd knows in a section.
type Directive struct {
	Section, Key string
	// Kind is the parser of its value: the name of systemd's function without
	// config_parse_, or "NULL" for what systemd skips.
	Kind string
}

// directiveTable holds the directives sorted by section and key.
var directiveTable = sync.OnceValue(func() []Directive {
	var all []Directive
	for line := range strings.Lines(directivesCSV) {
		if f := strings.Split(strings.TrimSpace(line), ","); len(f) == 3 && f[0][0] != '#' {
			all = append(all, Directive{Section: f[0], Key: f[1], Kind: f[2]})
		}
	}
	slices.SortFunc(all, compareDirectives)
	return all
})

func compareDirectives(a, b Directive) int {
	if c := strings.Compare(a.Section, b.Section); c != 0 {
		return c
	}
	return strings.Compare(a.Key, b.Key)
}

// LookUp returns the directive of a section by its key, in exact spelling.
func LookUp(section, key string) (Directive, bool) {
	table := directiveTable()
	i, ok := slices.BinarySearchFunc(table, Directive{Section: section, Key: key}, compareDirectives)
	if !ok {
		return Directive{}, false
	}
	return table[i], true
}

// Directives returns the directives of a section, sorted by key.
func Directives(section string) []Directive { return slices.Clone(sectionTable(section)) }

// sectionTable returns the part of the table that is about a section.
func sectionTable(section string) []Directive {
	table := directiveTable()
	by := func(d Directive, section string) int { return strings.Compare(d.Section, section) }
	start, _ := slices.BinarySearchFunc(table, section, by)
	end := start
	for end < len(table) && table[end].Section == section {
		end++
	}
	return table[start:end]
}

// SectionsWith returns the sections of a type of unit that know a key. Without
// a type it looks at all sections.
func SectionsWith(unitType, key string) []string {
	var out []string
	for _, s := range sectionsOf(unitType) {
		if _, ok := LookUp(s, key); ok {
			out = append(out, s)
		}
	}
	return out
}

// CurrentKey returns the section and key that a directive is another name for:
// an old spelling, or [Service] for what has moved to [Unit]. Both set the same
// thing, and the later one wins. Any other directive is returned as it is.
func CurrentKey(section, key string) (string, string) {
	switch section + "." + key {
	case "Unit.BindTo":
		return section, "BindsTo"
	case "Unit.RequiresOverridable":
		return section, "Requires"
	case "Unit.RequisiteOverridable":
		return section, "Requisite"
	case "Unit.PropagateReloadTo":
		return section, "PropagatesReloadTo"
	case "Unit.PropagateReloadFrom":
		return section, "ReloadPropagatedFrom"
	case "Unit.OnFailureIsolate":
		return section, "OnFailureJobMode"
	case "Unit.StartLimitInterval", "Service.StartLimitInterval":
		return "Unit", "StartLimitIntervalSec"
	case "Service.StartLimitBurst", "Service.StartLimitAction", "Service.FailureAction", "Service.RebootArgument":
		return "Unit", key
	}
	switch key {
	case "ReadWriteDirectories", "ReadOnlyDirectories", "InaccessibleDirectories":
		return section, strings.TrimSuffix(key, "Directories") + "Paths"
	}
	return section, key
}

// Suggest returns the key of a section that an unknown key is a slip of: one
// that differs in case only or by one edit, or what a well-known mistake means.
// It is "" where there is none: the unknown key may be newer than the table.
func Suggest(section, key string) string {
	if now := mistaken(key); now != "" {
		if _, ok := LookUp(section, now); ok {
			return now
		}
	}
	near := ""
	for _, d := range sectionTable(section) {
		switch {
		case strings.EqualFold(d.Key, key):
			return d.Key
		case near == "" && d.Kind != "warn_compat" && oneEdit(d.Key, key):
			near = d.Key
		}
	}
	return near
}

// mistaken returns what is meant by keys that are seen in units and advice, that
// no version of systemd knows, and that are not close to anything.
func mistaken(key string) string {
	switch key {
	case "DropCapabilities":
		return "CapabilityBoundingSet"
	case "ImportEnvironment":
		return "PassEnvironment"
	case "Env", "Environments":
		return "Environment"
	case "EnvFile":
		return "EnvironmentFile"
	case "Command", "Exec":
		return "ExecStart"
	}
	return ""
}

// Choices returns the words that a directive takes, without the ways to write a
// boolean but yes and no; none where other values are possible.
func Choices(section, key string) []string {
	d, _ := LookUp(section, key)
	if d.Kind == "bool" || d.Kind == "tristate" {
		return []string{"yes", "no", "true", "false", "on", "off"}
	}
	e, ok := enumOf(d.Kind)
	if !ok {
		return nil
	}
	words := strings.Fields(e.words)
	for _, w := range []string{"yes", "no", "true", "false"} {
		if e.boolean && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// oneEdit reports whether one byte inserted, removed, replaced or swapped with its
// neighbour makes b of a, whatever their case.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	start := 0
	for start < len(a) && lower(a[start]) == lower(b[start]) {
		start++
	}
	if len(a) < len(b) {
		return strings.EqualFold(a[start:], b[start+1:])
	}
	if start == len(a) || strings.EqualFold(a[start+1:], b[start+1:]) {
		return true
	}
	return start+1 < len(a) && lower(a[start]) == lower(b[start+1]) && lower(a[start+1]) == lower(b[start]) &&
		strings.EqualFold(a[start+2:], b[start+2:])
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
