// Package config reads .seaworthy.toml. The file comes from the repository that
// is checked, so it is hostile input like all the rest: its size and depth are
// bounded, and nothing it names leaves the root.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Name is the name of the file, at the root of the repository.
const Name = ".seaworthy.toml"

// Config is what a repository says about its own check. The zero Config says
// nothing.
type Config struct {
	// Exclude holds globs (with **) of paths, relative to the root: findings in
	// such files are dropped. The files stay part of the evidence.
	Exclude []Text
	// Disable holds the IDs of rules that do not run.
	Disable []Text
	// Severity replaces what rules say, sorted by place.
	Severity []Level
	// Ignore silences single findings.
	Ignore []Ignore
	// Images says what private base images are like, sorted by place.
	Images []Image
	// Knowledge is a folder below the root that replaces the built-in tables.
	Knowledge Text
}

// Text is a string and where it stands.
type Text struct {
	Value string
	At    source.Span
}

// Level gives a rule another severity.
type Level struct {
	Rule     Text
	Severity rule.Severity
}

// Ignore silences the findings of a rule that stand in, or rest on, the files
// that a glob names.
type Ignore struct {
	At     source.Span // the header of the entry
	Rule   Text
	Path   Text
	Reason string
	Until  time.Time // the last day on which it counts; zero: for ever
}

// Image holds what is known of the images that Name matches: the keys are
// those of the knowledge tables, which check them.
type Image struct {
	Name Text
	Keys map[string]any
}

// Excluded reports whether findings in the file at p are dropped.
func (c *Config) Excluded(p string) bool {
	return slices.ContainsFunc(c.Exclude, func(g Text) bool { return doublestar.MatchUnvalidated(g.Value, p) })
}

// Disabled reports whether the rule is not to run.
func (c *Config) Disabled(id string) bool {
	return slices.ContainsFunc(c.Disable, func(d Text) bool { return d.Value == id })
}

// SeverityOf returns what the configuration says about a rule, or
// rule.Default.
func (c *Config) SeverityOf(id string) rule.Severity {
	for _, l := range c.Severity {
		if l.Rule.Value == id {
			return l.Severity
		}
	}
	return rule.Default
}

// Covers reports whether the entry speaks of the file at p.
func (i Ignore) Covers(p string) bool { return doublestar.MatchUnvalidated(i.Path.Value, p) }

// document is the shape of the file.
type document struct {
	Exclude   []string
	Disable   []string
	Severity  map[string]string
	Ignore    []entry
	Images    map[string]any
	Knowledge string
}

type entry struct {
	Rule, Path, Reason string
	Until              any
}

// Read reads a configuration. Errors name the file and the line.
func Read(f *source.File) (*Config, error) {
	c, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return c, nil
}

func read(f *source.File) (*Config, error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	if len(f.Data()) > maxSize {
		return nil, fmt.Errorf("larger than %d KiB", maxSize>>10)
	}
	found, err := places(f)
	if err != nil {
		return nil, err
	}
	var doc document
	meta, err := toml.Decode(string(f.Data()), &doc)
	if err != nil {
		return nil, plain(err)
	}
	r := &reader{file: f, places: map[string]place{}}
	for _, p := range slices.Backward(found) {
		r.places[p.path] = p
	}
	if err := r.unknown(meta.Undecoded(), found); err != nil {
		return nil, err
	}
	return r.config(doc)
}

// plain removes the library's name, which readers need not know, from its
// message.
func plain(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "toml: "))
}

type reader struct {
	file   *source.File
	places map[string]place // by path
}

// at returns where the value at a path stands, or the start of the file: a key
// that is written with escapes is not found.
func (r *reader) at(path string) source.Span {
	if p, ok := r.places[path]; ok {
		return p.value
	}
	return r.file.Line(1)
}

// keyAt returns where the key of a path stands, or the start of the file.
func (r *reader) keyAt(path string) source.Span {
	if p, ok := r.places[path]; ok {
		return p.key
	}
	return r.file.Line(1)
}

var elementNumber = regexp.MustCompile(`\[\d+\]`)

var knownKeys = map[string][]string{
	"":       {"exclude", "disable", "severity", "ignore", "images", "knowledge"},
	"ignore": {"rule", "path", "reason", "until"},
}

// unknown returns an error about the first key that means nothing. Those of
// images are not ours to know.
func (r *reader) unknown(keys []toml.Key, found []place) error {
	keys = slices.DeleteFunc(keys, func(k toml.Key) bool { return k[0] == "images" })
	if len(keys) == 0 {
		return nil
	}
	names := map[string]toml.Key{}
	for _, k := range keys {
		names[k.String()] = k
	}
	first, at := keys[0], r.file.Line(1)
	for _, p := range found {
		if k, ok := names[elementNumber.ReplaceAllString(p.path, "")]; ok {
			first, at = k, p.key
			break
		}
	}
	parent, name := strings.Join(first[:len(first)-1], "."), first[len(first)-1]
	return r.errorf(at, "unknown key %q%s", first.String(), nearest.DidYouMean(name, knownKeys[parent]))
}

func (r *reader) errorf(at source.Span, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", at.Begin().Line, fmt.Sprintf(format, args...))
}

func (r *reader) config(doc document) (*Config, error) {
	c := &Config{
		Exclude: r.texts("exclude", doc.Exclude),
		Disable: r.texts("disable", doc.Disable),
	}
	for _, g := range c.Exclude {
		if err := r.glob(g); err != nil {
			return nil, err
		}
	}
	if doc.Knowledge != "" {
		c.Knowledge = Text{doc.Knowledge, r.at("knowledge")}
		if !fs.ValidPath(doc.Knowledge) {
			return nil, r.errorf(c.Knowledge.At, "knowledge names no folder below the root: %q", doc.Knowledge)
		}
	}
	if err := r.severity(c, doc.Severity); err != nil {
		return nil, err
	}
	if err := r.images(c, doc.Images); err != nil {
		return nil, err
	}
	return c, r.ignores(c, doc.Ignore)
}

func (r *reader) texts(path string, values []string) []Text {
	var texts []Text
	for i, v := range values {
		texts = append(texts, Text{v, r.at(fmt.Sprintf("%s[%d]", path, i))})
	}
	return texts
}

func (r *reader) glob(g Text) error {
	switch {
	case g.Value == "" || !doublestar.ValidatePattern(g.Value):
		return r.errorf(g.At, "%q is not a pattern of paths", g.Value)
	case strings.HasPrefix(g.Value, "/") || strings.HasPrefix(g.Value, "./") || strings.HasPrefix(g.Value, "../"):
		return r.errorf(g.At, "%q matches nothing: paths are relative to the root, without a leading ./", g.Value)
	}
	return nil
}

func (r *reader) severity(c *Config, levels map[string]string) error {
	for _, id := range keys(r, "severity", levels) {
		level, err := rule.ParseSeverity(levels[id.Value])
		if err != nil {
			return r.errorf(id.At, "%v", err)
		}
		c.Severity = append(c.Severity, Level{id, level})
	}
	return nil
}

func (r *reader) images(c *Config, images map[string]any) error {
	for _, name := range keys(r, "images", images) {
		keys, ok := images[name.Value].(map[string]any)
		if !ok {
			return r.errorf(name.At, "images.%q is not a table", name.Value)
		}
		c.Images = append(c.Images, Image{name, keys})
	}
	return nil
}

// keys returns the keys of a table in the order of the file.
func keys[V any](r *reader, table string, values map[string]V) []Text {
	var texts []Text
	for name := range values {
		texts = append(texts, Text{name, r.keyAt(toml.Key{table, name}.String())})
	}
	slices.SortFunc(texts, byPlace)
	return texts
}

// byPlace orders by offset, and by value where the place is not known.
func byPlace(a, b Text) int {
	if c := a.At.Start - b.At.Start; c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}

func (r *reader) ignores(c *Config, entries []entry) error {
	for i, e := range entries {
		path := fmt.Sprintf("ignore[%d]", i)
		ig := Ignore{
			At:     r.at(path),
			Rule:   Text{e.Rule, r.at(path + ".rule")},
			Path:   Text{e.Path, r.at(path + ".path")},
			Reason: strings.TrimSpace(e.Reason),
		}
		switch {
		case e.Rule == "":
			return r.errorf(ig.At, "an ignore without a rule")
		case e.Path == "":
			return r.errorf(ig.At, "an ignore without a path")
		}
		if err := r.glob(ig.Path); err != nil {
			return err
		}
		if e.Until != nil {
			day, ok := e.Until.(time.Time)
			if !ok || day.Location().String() != "date-local" {
				return r.errorf(r.at(path+".until"), "until is not a date such as 2027-03-01, without quotes")
			}
			ig.Until = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
		}
		c.Ignore = append(c.Ignore, ig)
	}
	return nil
}
