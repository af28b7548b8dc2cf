package baseline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

var anchor = &rule.Rule{ID: "image/no-anchor", Severity: rule.Error}

// findings returns one finding for each "BAD" of a Dockerfile.
func findings(text string, s rule.Severity) []rule.Finding {
	f := source.New("Dockerfile", []byte(text))
	var all []rule.Finding
	for at := 0; ; at += len("BAD") {
		i := strings.Index(text[at:], "BAD")
		if i < 0 {
			return all
		}
		at += i
		all = append(all, rule.Finding{Rule: anchor, At: f.Span(at, at+3), Severity: s, Message: "it is \"bad\"\n<&>"})
	}
}

// marked says of each finding whether it is known.
func marked(b *Baseline, all []rule.Finding) (string, []Entry) {
	out := make([]byte, len(all))
	for i := range out {
		out[i] = 'n'
	}
	gone := b.Match(all, func(f *rule.Finding) {
		for i := range all {
			if f == &all[i] {
				out[i] = 'k'
			}
		}
	})
	return string(out), gone
}

func TestMatch(t *testing.T) {
	two := Of(findings("BAD BAD", rule.Warning))
	hidden := findings("BAD", rule.Warning)
	hidden[0].Hidden = true
	suppressed := findings("BAD", rule.Warning)
	suppressed[0].Suppression = &rule.Suppression{}
	for name, c := range map[string]struct {
		base *Baseline
		now  []rule.Finding
		want string
		gone int
	}{
		"the same":                {two, findings("BAD BAD", rule.Warning), "kk", 0},
		"lines added above":       {two, findings("#\n#\n\nBAD\n\n\tBAD", rule.Warning), "kk", 0},
		"a third":                 {two, findings("BAD BAD BAD", rule.Warning), "kkn", 0},
		"one is fixed":            {two, findings("BAD", rule.Warning), "k", 1},
		"all are fixed":           {two, nil, "", 2},
		"they have become worse":  {two, findings("BAD BAD", rule.Error), "nn", 0},
		"they have become better": {two, findings("BAD BAD", rule.Note), "kk", 0},
		"it is suppressed now":    {Of(findings("BAD", rule.Warning)), suppressed, "k", 1},
		"it was suppressed":       {Of(suppressed), findings("BAD", rule.Warning), "n", 0},
		"it was hidden":           {Of(hidden), findings("BAD", rule.Warning), "n", 0},
		"it is hidden now":        {Of(findings("BAD", rule.Warning)), hidden, "k", 0},
	} {
		got, gone := marked(c.base, c.now)
		if got != c.want || len(gone) != c.gone {
			t.Errorf("%s: %s, %d gone; want %s, %d", name, got, len(gone), c.want, c.gone)
		}
	}
}

func TestFile(t *testing.T) {
	for _, b := range []*Baseline{{}, Of(findings("BAD", rule.Error)), Of(findings("BAD BAD BAD", rule.Note))} {
		data, err := b.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(data), "\n    {"); lines != len(b.Entries) {
			t.Errorf("%d lines for %d entries:\n%s", lines, len(b.Entries), data)
		}
		back, err := Read(data)
		if err != nil || len(back.Entries) != len(b.Entries) {
			t.Fatalf("%v\n%s", err, data)
		}
		again, err := back.Bytes()
		if err != nil || string(again) != string(data) {
			t.Errorf("%v\n%s\n%s", err, data, again)
		}
	}
	b := Of(findings("BAD BAD", rule.Error))
	if rest := b.Without(b.Entries[:1]); fmt.Sprint(rest.Entries) != fmt.Sprint(b.Entries[1:]) {
		t.Errorf("the rest is %v", rest.Entries)
	}
	for text, want := range map[string]string{
		"":               "this is no baseline",
		"[]":             "this is no baseline",
		`{}`:             `its schema is "", not "seaworthy-baseline/1"`,
		`{"schema":"x"}`: `its schema is "x"`,
		`{"schema":"seaworthy-baseline/1","findings":[{}]}`: "an entry has no fingerprint",
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
