//go:build ignore

// Newrule writes the files of a new rule. Its tests fail until they are filled
// in.
//
//	go run internal/newrule/main.go FAMILY/NAME
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// newRule is what the files are made from.
type newRule struct {
	ID     string // image/libc-mismatch
	Family string // image
	Var    string // LibcMismatch
}

const source = `package {{.Family}}

import "github.com/goseaworthy/seaworthy/internal/rule"

// {{.Var}} reports (what, in one sentence).
//
// # What you see
//
// (The text of the error that people will search for, in a block of code;
// leave the section out where the findings have a Result.)
//
// # Why
//
// (The mechanism, with the versions it depends on.)
//
// # Fix
//
// (The smallest edit.)
//
// # When it is not a problem
//
// (The guards: where the rule is silent, and why.)
//
// # References
//
// (Specification, source file or release note.)
var {{.Var}} = &rule.Rule{
	ID:       "{{.ID}}",
	Title:    "",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"{{.Family}}"},
	Run: func(p *rule.Pass) {
	},
}
`

const bad = `(One sentence: what is wrong here.)

-- go.mod --
module example.com/app

// want {{.ID}} @"go 1.25.0" "the message"
go 1.25.0
-- without/1/go.mod --
module example.com/app
`

const good = `(One sentence: why this is right.)

-- go.mod --
module example.com/app

go 1.25.0
`

func main() {
	log.SetFlags(0)
	root := flag.String("C", ".", "root of this repository")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: go run internal/newrule/main.go FAMILY/NAME")
	}
	if err := write(*root, flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

func write(root, id string) error {
	if !regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(id) {
		return fmt.Errorf("%q is not FAMILY/NAME in lower case with hyphens", id)
	}
	family, name, _ := strings.Cut(id, "/")
	r := newRule{ID: id, Family: family}
	for word := range strings.SplitSeq(name, "-") {
		r.Var += strings.ToUpper(word[:1]) + word[1:]
	}
	for _, f := range []struct{ path, text string }{
		{filepath.Join("rules", family, strings.ReplaceAll(name, "-", "_")+".go"), source},
		{filepath.Join("fixtures", family, name, "bad.txtar"), bad},
		{filepath.Join("fixtures", family, name, "good.txtar"), good},
	} {
		if err := create(filepath.Join(root, f.path), f.text, r); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, f.path)
	}
	if err := addToFamily(filepath.Join(root, "rules", family, "family.go"), r.Var); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "fill them in, then: go test ./rules && go generate ./docs && go test ./...")
	return nil
}

// create writes a file that must not exist yet.
func create(path, text string, r newRule) error {
	var b bytes.Buffer
	if err := template.Must(template.New("").Parse(text)).Execute(&b, r); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(b.Bytes()); err != nil {
		return err
	}
	return f.Close()
}

var list = regexp.MustCompile(`(?s)var Rules = \[\]\*rule\.Rule\{(.*?)\}`)

// addToFamily puts the variable into the sorted list of its family.
func addToFamily(path, variable string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m := list.FindSubmatchIndex(data)
	if m == nil {
		return fmt.Errorf("%s has no var Rules", path)
	}
	variables := strings.FieldsFunc(string(data[m[2]:m[3]]), func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
	if slices.Contains(variables, variable) {
		return fmt.Errorf("%s lists %s already", path, variable)
	}
	variables = append(variables, variable)
	slices.SortFunc(variables, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	text := string(data[:m[2]]) + "\n\t" + strings.Join(variables, ",\n\t") + ",\n" + string(data[m[3]:])
	formatted, err := format.Source([]byte(text))
	if err != nil {
		return err
	}
	return os.WriteFile(path, formatted, 0o644)
}
