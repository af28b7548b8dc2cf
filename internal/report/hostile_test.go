package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// evil is what a repository may hold to make a report say or do what it wants.
var evil = []string{
	"::error::pwned", "\n::set-output name=x::y", "\r::add-mask::a", "##[add-matcher]evil.json", "a ##[group]b",
	"%0A::error::pwned", "%25", "\x1b[31mred\x1b]0;title\x07", "\u009b31m", "\u202ereversed\u2066", "zero\u200bwidth\u2028",
	"\xff\xfe", "--><!-- ]]>", "<script>alert(1)</script>", "&amp;&#x1b;", "| a | b |", "`code` ```", "[click](https://example.com/)",
	"](1)", "[a](7)", "![](x)", "@everyone #1 https://example.com www.example.com a@example.com", "\\", "$HOME `id`", "\"' onload=", "\x00", "\ufeff\ufffe",
	"::stop-commands::token-of-the-test", "::token-of-the-test::", "a,b:c=d",
}

// hostile returns a report in which all text of the repository is evil.
func hostile() Report {
	var r Report
	r.Tool = Tool{Name: "seaworthy", Version: "v0.1.0", Knowledge: "2026-03-01"}
	r.Rules = allRules
	for i, text := range evil {
		path := strings.Trim(strings.ReplaceAll(text, "/", "_"), ".") + "_"
		f := source.New(path, []byte("one\n"+text+"\n"+text))
		at := f.Span(4, 4+len(text))
		note := fact.Note{At: at, Text: text}
		r.Findings = append(r.Findings, rule.Finding{
			Rule: allRules[i%len(allRules)], At: at, Message: text, Result: text,
			Proof:   fact.Proof{Path: []fact.Note{{At: f.Span(0, 3), Text: text}, note}, Confidence: fact.High},
			Related: []fact.Note{note},
			Fixes:   []rule.Fix{{Title: text, Edits: []source.Edit{{Span: at, New: text}}}},
		})
		r.Unjudged = append(r.Unjudged, rule.Unjudged{At: at, Text: text, Hint: text})
	}
	return r
}

// TestNothingInvisible checks that no format emits a character that a terminal
// obeys or a reader cannot see.
func TestNothingInvisible(t *testing.T) {
	for _, f := range Formats() {
		out := render(t, f.Name, hostile(), options)
		if !utf8.ValidString(out) {
			t.Errorf("%s is not UTF-8", f.Name)
		}
		for i, r := range out {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%s holds %q: %.60q", f.Name, r, out[max(0, i-30):])
				break
			}
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 接続 🚢 \ufffd": "plain é 接続 🚢 \ufffd",
		"\x1b[0m\x7f\u0085":   `\x1b[0m\x7f\u0085`,
		"a\tb\r\n\x00":        `a\tb\r\n\x00`,
		"\u202e\ufeff\u00a0":  `\u202e\ufeff\u00a0`,
		"\xff\xe4\xb8":        `\xff\xe4\xb8`,
		"\U000e0041":          `\U000e0041`,
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %s, want %s", in, got, want)
		}
	}
}

// runner reads a log as a GitHub Actions runner does (actions/runner,
// ActionCommandManager): which commands does it obey?
func runner(log string) []string {
	var commands []string
	stop := ""
	legacy := regexp.MustCompile(`##\[([a-zA-Z-]+)[^]]*\]`)
	modern := regexp.MustCompile(`^\s*::([^: ]+)[^:]*?::`)
	for _, line := range regexp.MustCompile(`\r\n|\n|\r`).Split(log, -1) {
		name := ""
		if m := modern.FindStringSubmatch(line); m != nil {
			name = strings.ToLower(m[1])
		} else if m := legacy.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		switch {
		case stop != "":
			if name == stop {
				stop = ""
			}
		case name == "stop-commands":
			stop = strings.ToLower(strings.TrimSpace(line[strings.LastIndex(line, "::")+2:]))
		case name != "":
			commands = append(commands, name)
		}
	}
	if stop != "" {
		commands = append(commands, "never resumed")
	}
	return commands
}

func TestGitHubObeysNobodyElse(t *testing.T) {
	r := hostile()
	for range 3 { // more than a step keeps, so that some are in the log only
		r.Findings = append(r.Findings, hostile().Findings...)
	}
	o := options
	o.Token = "a-token-that-is-not-in-the-repository"
	counts := map[string]int{}
	for _, name := range runner(render(t, "github", r, o)) {
		counts[name]++
	}
	if want := map[string]int{"error": 10, "warning": 10, "notice": 10}; fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("a runner obeys %v, want %v", counts, want)
	}
	if a, b := render(t, "github", r, Options{}), render(t, "github", r, Options{}); a == b {
		t.Error("the token is the same at each run")
	}
}

// TestGitHubProperties reads the annotations as the runner does and compares.
func TestGitHubProperties(t *testing.T) {
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	out := render(t, "github", sample(), options)
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		head, message, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
		_, properties, _ := strings.Cut(head, " ")
		values := map[string]string{}
		for _, p := range strings.Split(properties, ",") {
			name, value, _ := strings.Cut(p, "=")
			values[name] = unescape.Replace(value)
		}
		found := slices.ContainsFunc(sample().shown(), func(f *rule.Finding) bool {
			return values["file"] == f.At.File.Path && values["title"] == f.Rule.ID+": "+f.Rule.Title &&
				strings.HasPrefix(unescape.Replace(message), f.Message)
		})
		if !ok || !found {
			t.Errorf("%s is no finding", line)
		}
	}
}

func TestWorstFirst(t *testing.T) {
	r := sample()
	findings := r.shown()
	worstFirst(findings, func(path string) bool { return path == "go.mod" || path == "cmd/relay/main.go" })
	var got []string
	for _, f := range findings {
		got = append(got, level(f).String()+" "+f.At.File.Path)
	}
	want := "error Dockerfile,error go.mod,error Dockerfile,error compose.yaml,warning Makefile,warning deploy/リレー.service,warning scripts/build.sh,note go.mod"
	if strings.Join(got, ",") != want {
		t.Errorf("got %q", got)
	}
}

// TestSummaryHoldsNoMarkup renders the summary as GitHub does, and looks for
// anything that is not ours.
func TestSummaryHoldsNoMarkup(t *testing.T) {
	var page bytes.Buffer
	text := render(t, "summary", hostile(), options)
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(page.String(), -1) {
		if tag == "<tr>" {
			rows++
		}
		name := strings.Trim(strings.Fields(strings.Trim(tag, "<>"))[0], "/")
		if !slices.Contains([]string{"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "a", "ul", "li", "!--"}, name) {
			t.Errorf("the summary holds %s", tag)
		}
	}
	if want := len(evil) + 1; rows != want {
		t.Errorf("the table has %d rows, want %d", rows, want)
	}
	for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page.String(), -1) {
		if !strings.HasPrefix(link[1], options.Server+"/"+options.Repository+"/blob/"+options.Commit+"/") && !strings.HasPrefix(link[1], home) {
			t.Errorf("the summary links to %s", link[1])
		}
	}
}

// TestSARIFLinks checks that nothing from the repository is a link, and that
// addresses lead to the files.
func TestSARIFLinks(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, "sarif", hostile(), options)), &log); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`(?s)\[((?:[^\[\]\\]|\\.)*)\]\(([^)]*)\)`)
	for _, r := range log.Runs[0].Results {
		ids := map[string]bool{}
		for _, l := range r.RelatedLocations {
			ids[fmt.Sprint(l.ID)] = true
		}
		links := link.FindAllStringSubmatch(r.Message.Text, -1)
		if len(links) != len(r.RelatedLocations) {
			t.Errorf("%d links to %d locations in %s", len(links), len(r.RelatedLocations), r.Message.Text)
		}
		for _, l := range links {
			if !ids[l[2]] {
				t.Errorf("a link to nowhere, %s in %s", l[0], r.Message.Text)
			}
		}
	}
}

// TestXMLIsWhole reads the XML formats strictly and compares the text.
func TestXMLIsWhole(t *testing.T) {
	for _, format := range []string{"junit", "checkstyle"} {
		out := render(t, format, hostile(), options)
		decoder, messages := xml.NewDecoder(strings.NewReader(out)), 0
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			for _, a := range start.Attr {
				if a.Name.Local == "message" && slices.ContainsFunc(evil, func(e string) bool { return visible(e) == a.Value }) {
					messages++
				}
			}
		}
		if messages != len(evil) {
			t.Errorf("%s holds %d of %d messages", format, messages, len(evil))
		}
	}
}

// FuzzText checks that any bytes, and any place in them, can be drawn.
func FuzzText(f *testing.F) {
	f.Add([]byte("a\tb\r\n接続\u0301 🚢\xff\n"), 2, 9, 20)
	f.Add([]byte("no end"), 0, 99, math.MaxInt)
	f.Fuzz(func(t *testing.T, data []byte, start, end, width int) {
		file := source.New("f", data)
		finding := rule.Finding{Rule: rootUser, At: file.Span(start, end), Message: string(data), Proof: fact.Because(fact.Note{At: file.Span(end, start)})}
		out := render(t, "text", Report{Findings: []rule.Finding{finding}}, Options{Width: width})
		for _, r := range out {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q holds %q", out, r)
			}
		}
		render(t, "sarif", Report{Findings: []rule.Finding{finding}}, Options{})
	})
}
