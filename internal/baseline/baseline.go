// Package baseline tells findings that were accepted earlier, or that another
// state of the repository has too, from new ones. A finding is the same if its
// fingerprint is and it has not become worse.
package baseline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/report"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Name is the usual name of a baseline.
const Name = ".seaworthy-baseline.json"

// schemaID names the version of the format.
const schemaID = "seaworthy-baseline/1"

// Entry is a finding that is known.
type Entry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Path        string `json:"path"`
	Severity    string `json:"severity"`
	Message     string `json:"message"` // for people
}

// Baseline is a set of known findings.
type Baseline struct {
	Entries []Entry
}

// Of returns the findings of a run that are neither hidden nor suppressed, to be
// known from now on.
func Of(findings []rule.Finding) *Baseline {
	b := &Baseline{}
	prints := report.Fingerprints(findings)
	for i, f := range findings {
		if !f.Hidden && f.Suppression == nil {
			b.Entries = append(b.Entries, Entry{prints[i], f.Rule.ID, f.At.File.Path, f.Severity.String(), f.Message})
		}
	}
	return b
}

// Match calls mark, if it is not nil, with the findings that are in the baseline,
// and returns the entries that no finding is. It must be given all findings of a
// run.
func (b *Baseline) Match(findings []rule.Finding, mark func(*rule.Finding)) (gone []Entry) {
	worst := map[string]rule.Severity{}
	for _, e := range b.Entries {
		s, err := rule.ParseSeverity(e.Severity)
		if err != nil {
			s = rule.Error
		}
		worst[e.Fingerprint] = max(worst[e.Fingerprint], s)
	}
	there := map[string]bool{}
	for i, print := range report.Fingerprints(findings) {
		f := &findings[i]
		if f.Suppression == nil {
			there[print] = true
		}
		if f.Severity <= worst[print] && mark != nil {
			mark(f)
		}
	}
	for _, e := range b.Entries {
		if !there[e.Fingerprint] {
			gone = append(gone, e)
		}
	}
	return gone
}

// Without returns the baseline less some entries.
func (b *Baseline) Without(gone []Entry) *Baseline {
	less := map[string]bool{}
	for _, e := range gone {
		less[e.Fingerprint] = true
	}
	rest := slices.DeleteFunc(slices.Clone(b.Entries), func(e Entry) bool { return less[e.Fingerprint] })
	return &Baseline{rest}
}

// document is the file.
type document struct {
	Schema   string  `json:"schema"`
	Findings []Entry `json:"findings"`
}

// Read reads what Bytes wrote.
func Read(data []byte) (*Baseline, error) {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("this is no baseline: %w", err)
	}
	if doc.Schema != schemaID {
		return nil, fmt.Errorf("this is no baseline: its schema is %q, not %q", doc.Schema, schemaID)
	}
	for _, e := range doc.Findings {
		if e.Fingerprint == "" {
			return nil, errors.New("an entry has no fingerprint")
		}
	}
	return &Baseline{doc.Findings}, nil
}

// Bytes writes the baseline, one line an entry, so that changes of it can be
// read and merged.
func (b *Baseline) Bytes() ([]byte, error) {
	entries := slices.Clone(b.Entries)
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	var out strings.Builder
	fmt.Fprintf(&out, "{\n  \"schema\": %q,\n  \"findings\": [", schemaID)
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    ")
		out.Write(line)
	}
	if len(entries) > 0 {
		out.WriteString("\n  ")
	}
	out.WriteString("]\n}\n")
	return []byte(out.String()), nil
}
