package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Cases    []*junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes JUnit XML as CI systems read it: a rule that finds something is a
// failed test case for each file, one that does not is a passed test case.
func JUnit(w io.Writer, r Report) error {
	suite := junitSuite{Name: "seaworthy", Time: "0"}
	type key struct {
		rule *rule.Rule
		path string
	}
	cases, fired := map[key]*junitCase{}, map[*rule.Rule]bool{}
	for _, f := range r.shown() {
		fired[f.Rule] = true
		k := key{f.Rule, f.At.File.Path}
		c := cases[k]
		if c == nil {
			path := visible(f.At.File.Path)
			c = &junitCase{Class: path, Name: f.Rule.ID, File: path, Time: "0",
				Failure: &junitFailure{Message: visible(f.Message), Type: level(f).String()}}
			cases[k] = c
			suite.Cases = append(suite.Cases, c)
		}
		c.Failure.Text += junitText(f)
	}
	suite.Failures = len(suite.Cases)
	for _, rl := range r.Rules {
		if !fired[rl] {
			suite.Cases = append(suite.Cases, &junitCase{Class: "seaworthy", Name: rl.ID, Time: "0"})
		}
	}
	suite.Tests = len(suite.Cases)
	return writeXML(w, junitSuites{Name: "seaworthy", Tests: suite.Tests, Failures: suite.Failures, Suites: []junitSuite{suite}})
}

// junitText returns a finding with its evidence, a line each.
func junitText(f *rule.Finding) string {
	var b strings.Builder
	b.WriteString("\n" + conciseLine(f) + "\n")
	for i, n := range f.Path {
		fmt.Fprintf(&b, "  %d. %s: %s\n", i+1, visible(n.At.String()), visible(n.Text))
	}
	return b.String()
}

// writeXML writes a document. The text in it has gone through visible, which
// leaves no character that XML forbids.
func writeXML(w io.Writer, doc any) error {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}
