// Package docgen writes the pages of the rules, their index, and the example
// in the README, from the one place where each thing is said: the comment of
// the rule, its fields, and its fixtures, with the real output of the tool.
package docgen

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fixture"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Dir is where the pages are kept; all that is in it is generated.
const Dir = "docs/rules"

// generator holds what pages are made from.
type generator struct {
	root  fs.FS // of this repository
	rules []*rule.Rule
}

// Generate returns the contents of all generated files by path, given the root
// of this repository and all rules.
func Generate(root fs.FS, rules []*rule.Rule) (map[string]string, error) {
	g := generator{root, rules}
	files := map[string]string{}
	for _, family := range g.families() {
		pages, err := g.family(family)
		if err != nil {
			return nil, err
		}
		maps.Copy(files, pages)
	}
	var err error
	if files[Dir+"/README.md"], err = g.index(); err != nil {
		return nil, err
	}
	files["README.md"], err = g.readme()
	return files, err
}

// families returns the names of the families in the order of the rules.
func (g generator) families() []string {
	var names []string
	for _, r := range g.rules {
		if n := len(names); n == 0 || names[n-1] != r.Family() {
			names = append(names, r.Family())
		}
	}
	return names
}

func (g generator) family(family string) (map[string]string, error) {
	declared, err := Declarations(g.root, "rules/"+family)
	if err != nil {
		return nil, err
	}
	docs := map[string]Declaration{}
	for _, d := range declared {
		docs[d.ID] = d
	}
	pages := map[string]string{}
	for _, r := range g.rules {
		if r.Family() != family {
			continue
		}
		if pages[path.Join(Dir, r.ID+".md")], err = g.page(r, docs[r.ID]); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	return pages, nil
}

// index lists the rules by family.
func (g generator) index() (string, error) {
	var b strings.Builder
	b.WriteString(generated + "# Rules\n\n" +
		"The severity is the highest that a finding of the rule can have; the page of the rule says when it is lower.\n")
	for _, family := range g.families() {
		doc, err := packageDoc(g.root, "rules/"+family)
		if err != nil {
			return "", err
		}
		about, _, _ := strings.Cut(strings.TrimPrefix(doc, "Package "+family+" holds the "), "\n\n")
		fmt.Fprintf(&b, "\n## %s\n\nThe %s\n\n| rule | severity | hazard |\n|---|---|---|\n", family, unwrap(about))
		for _, r := range g.rules {
			if r.Family() == family {
				fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", r.ID, r.ID, r.Severity, cell(r.Title))
			}
		}
	}
	return b.String(), nil
}

// unwrap puts a paragraph on one line.
func unwrap(s string) string { return strings.Join(strings.Fields(s), " ") }

// cell keeps a text inside its cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// readme returns the README with its example brought up to date: what stands
// between <!-- example RULE --> and <!-- end of example -->.
func (g generator) readme() (string, error) {
	const opening, closing = "<!-- example ", "<!-- end of example -->\n"
	data, err := fs.ReadFile(g.root, "README.md")
	if err != nil {
		return "", err
	}
	before, rest, ok := strings.Cut(string(data), opening)
	if !ok {
		return "", fmt.Errorf("README.md: there is no %sRULE -->", opening)
	}
	id, rest, _ := strings.Cut(rest, " -->\n")
	_, after, ok := strings.Cut(rest, closing)
	if !ok {
		return "", fmt.Errorf("README.md: there is no %s", closing)
	}
	c, err := g.load(id, "bad")
	if err != nil {
		return "", fmt.Errorf("README.md: %w", err)
	}
	example, err := g.example(c, id)
	return before + opening + id + " -->\n" + example + closing + after, err
}

// load reads a case of a rule.
func (g generator) load(id, name string) (*fixture.Case, error) {
	return fixture.Load(g.root, path.Join("fixtures", id, name+".txtar"))
}
