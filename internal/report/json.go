package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// schemaID names the version of the JSON format: docs/schema/seaworthy-1.json.
// Members may be added to it, none changed or removed.
const schemaID = "seaworthy/1"

type jsonReport struct {
	Schema   string         `json:"schema"`
	Tool     jsonTool       `json:"tool"`
	Rules    []string       `json:"rules"` // all that ran
	Findings []jsonFinding  `json:"findings"`
	Base     string         `json:"base,omitempty"`
	Unjudged []jsonUnjudged `json:"unjudged"`
	Counts   Counts         `json:"counts"`
}

type jsonTool struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	Knowledge string `json:"knowledge"`
	Resolve   string `json:"resolve,omitempty"`
}

type jsonFinding struct {
	Rule        string           `json:"rule"`
	Severity    string           `json:"severity"`
	Confidence  string           `json:"confidence"`
	Message     string           `json:"message"`
	Result      string           `json:"result,omitempty"`
	Shown       bool             `json:"shown"`
	Known       bool             `json:"known,omitempty"`
	Fingerprint string           `json:"fingerprint"`
	Location    *jsonLocation    `json:"location"`
	Path        []jsonNote       `json:"path"`
	Related     []jsonNote       `json:"related"`
	Fixes       []jsonFix        `json:"fixes"`
	Suppression *jsonSuppression `json:"suppression,omitempty"`
}

type jsonNote struct {
	Location *jsonLocation `json:"location"`
	Text     string        `json:"text"`
}

type jsonFix struct {
	Title string     `json:"title"`
	Safe  bool       `json:"safe"`
	Edits []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	Location *jsonLocation `json:"location"`
	New      string        `json:"new"`
}

type jsonSuppression struct {
	Location *jsonLocation `json:"location,omitempty"`
	Rules    []string      `json:"rules"`
	Reason   string        `json:"reason"`
}

type jsonUnjudged struct {
	Location *jsonLocation `json:"location,omitempty"`
	Text     string        `json:"text"`
	Hint     string        `json:"hint,omitempty"`
}

type jsonLocation struct {
	Path  string       `json:"path"`
	Start jsonPosition `json:"start"`
	End   jsonPosition `json:"end"`
}

type jsonPosition struct {
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
	UTF16  int `json:"utf16"`
}

// JSON writes everything that is known, the hidden and the suppressed too.
// ReadJSON is its inverse.
func JSON(w io.Writer, r Report) error {
	doc := jsonReport{
		Schema:   schemaID,
		Tool:     jsonTool(r.Tool),
		Rules:    []string{},
		Findings: []jsonFinding{},
		Unjudged: []jsonUnjudged{},
		Base:     r.Base,
		Counts:   r.Counts(),
	}
	for _, rl := range r.Rules {
		doc.Rules = append(doc.Rules, rl.ID)
	}
	prints := r.fingerprints()
	for i := range r.Findings {
		doc.Findings = append(doc.Findings, toJSONFinding(&r.Findings[i], prints[i]))
	}
	for _, u := range r.Unjudged {
		doc.Unjudged = append(doc.Unjudged, jsonUnjudged{toJSONLocation(u.At), u.Text, u.Hint})
	}
	return writeJSON(w, doc, "  ")
}

func toJSONFinding(f *rule.Finding, print string) jsonFinding {
	out := jsonFinding{
		Rule:        f.Rule.ID,
		Severity:    level(f).String(),
		Confidence:  f.Confidence.String(),
		Message:     f.Message,
		Result:      f.Result,
		Shown:       isShown(f),
		Known:       f.Known,
		Fingerprint: print,
		Location:    toJSONLocation(f.At),
		Path:        toJSONNotes(f.Path),
		Related:     toJSONNotes(f.Related),
		Fixes:       []jsonFix{},
	}
	for _, fix := range f.Fixes {
		edits := []jsonEdit{}
		for _, e := range fix.Edits {
			edits = append(edits, jsonEdit{toJSONLocation(e.Span), e.New})
		}
		out.Fixes = append(out.Fixes, jsonFix{fix.Title, fix.Safe, edits})
	}
	if s := f.Suppression; s != nil {
		out.Suppression = &jsonSuppression{toJSONLocation(s.At), append([]string{}, s.Rules...), s.Reason}
	}
	return out
}

func toJSONNotes(notes []fact.Note) []jsonNote {
	out := []jsonNote{}
	for _, n := range notes {
		out = append(out, jsonNote{toJSONLocation(n.At), n.Text})
	}
	return out
}

func toJSONLocation(s source.Span) *jsonLocation {
	if !s.Valid() {
		return nil
	}
	return &jsonLocation{s.File.Path, jsonPosition(s.Begin()), jsonPosition(s.Finish())}
}

// writeJSON writes a value and a newline. Nothing in it moves a terminal.
func writeJSON(w io.Writer, doc any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := w.Write(asciiControls(b.Bytes()))
	return err
}
