package report

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// The limits of code scanning (docs.github.com, "SARIF results exceed one or
// more limits"). A file beyond maxResults or maxUpload is refused; of the rest
// GitHub keeps the first.
const (
	maxResults   = 25_000
	maxUpload    = 10 << 20 // bytes after gzip
	maxRelated   = 100      // locations of a result
	maxFlow      = 1_000    // steps of a code flow
	maxTags      = 10
	maxShortText = 1024
)

// SARIF returns the writer of SARIF 2.1.0 as GitHub code scanning reads it.
// What is hidden or suppressed is left out: GitHub ignores suppressions and
// would open an alert. What is known from a base is not: GitHub compares by
// itself, and would close the alert. Findings beyond GitHub's limits are left
// out, errors last, and the run says how many.
func SARIF(o Options) Writer {
	return func(w io.Writer, r Report) error {
		results := mergeResults(r)
		keep := min(len(results), maxResults)
		for {
			doc, err := sarifBytes(r, o, results, keep)
			if err != nil {
				return err
			}
			if keep > 0 && tooLarge(doc) {
				keep /= 2
				continue
			}
			_, err = w.Write(doc)
			return err
		}
	}
}

// tooLarge reports whether GitHub would refuse the size of an upload.
func tooLarge(doc []byte) bool {
	if len(doc) <= maxUpload {
		return false
	}
	var size byteCounter
	z := gzip.NewWriter(&size)
	// Writes to a counter do not fail.
	_, _ = z.Write(doc)
	_ = z.Close()
	return size > maxUpload
}

type byteCounter int

func (c *byteCounter) Write(p []byte) (int, error) {
	*c += byteCounter(len(p))
	return len(p), nil
}

// merged are the findings of one rule on one line: GitHub's fingerprint is of
// the line, so they would be one alert that shows one of them.
type merged struct {
	*rule.Finding                 // the first, whose place and fingerprint count
	print         string          // its fingerprint
	also          []*rule.Finding // the others
}

func mergeResults(r Report) []*merged {
	type key struct {
		rule *rule.Rule
		file *source.File
		line int
	}
	prints := r.fingerprints()
	lines := map[key]*merged{}
	var all []*merged
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Hidden || f.Suppression != nil {
			continue
		}
		k := key{f.Rule, f.At.File, visiblePlace(f.At).Begin().Line}
		if m := lines[k]; m != nil {
			m.also = append(m.also, f)
			continue
		}
		lines[k] = &merged{Finding: f, print: prints[i]}
		all = append(all, lines[k])
	}
	return all
}

// all returns the findings that were merged.
func (m *merged) all() []*rule.Finding { return append([]*rule.Finding{m.Finding}, m.also...) }

// sarifBytes writes the first keep results, the worst where there are more.
func sarifBytes(r Report, o Options, results []*merged, keep int) ([]byte, error) {
	s := &sarifWriter{hashes: map[*source.File][]string{}, rules: map[*rule.Rule]int{}}
	run := sarifRun{
		Tool:        sarifTool{s.driver(r, results)},
		ColumnKind:  "utf16CodeUnits",
		Invocations: []sarifInvocation{{ExecutionSuccessful: true}},
		OriginalURIBaseIDs: map[string]sarifArtifactLocation{
			"%SRCROOT%": {Description: &sarifMessage{Text: "The root of the repository."}},
		},
		Results: []sarifResult{},
	}
	if o.Category != "" {
		run.AutomationDetails = &sarifAutomation{strings.TrimSuffix(o.Category, "/") + "/"}
	}
	if left := len(results) - keep; left > 0 {
		results = worstResults(results, keep)
		run.Invocations[0].Notifications = []sarifNotification{{"warning", sarifMessage{
			Text: fmt.Sprintf("%d of %d results are left out: code scanning takes no more.", left, left+keep)}}}
	}
	for _, m := range results {
		run.Results = append(run.Results, s.result(m, r.Base != ""))
	}
	var b bytes.Buffer
	err := writeJSON(&b, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}, "")
	return b.Bytes(), err
}

// worstResults returns keep results in their order: those of a lower severity
// are dropped first, and among these the last.
func worstResults(results []*merged, keep int) []*merged {
	room := map[*merged]bool{}
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Note} {
		for _, m := range results {
			if m.level() == s && len(room) < keep {
				room[m] = true
			}
		}
	}
	var kept []*merged
	for _, m := range results {
		if room[m] {
			kept = append(kept, m)
		}
	}
	return kept
}

// level returns the highest severity among the findings.
func (m *merged) level() rule.Severity {
	worst := rule.Default
	for _, f := range m.all() {
		worst = max(worst, level(f))
	}
	return worst
}

// state says whether the findings are new against the base.
func (m *merged) state() string {
	for _, f := range m.all() {
		if !f.Known {
			return "new"
		}
	}
	return "unchanged"
}

type sarifWriter struct {
	hashes map[*source.File][]string
	rules  map[*rule.Rule]int // index among the rules of the driver
}

// semver is what SARIF wants in semanticVersion (semver.org, 2.0.0).
var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// driver describes the tool and all rules that ran, whether they fired or not.
func (s *sarifWriter) driver(r Report, results []*merged) sarifDriver {
	version := strings.TrimPrefix(r.Tool.Version, "v") // SARIF wants it to start with a digit
	d := sarifDriver{Name: r.Tool.Name, Version: version, InformationURI: home, Rules: []sarifRule{}}
	if semver.MatchString(version) {
		d.SemanticVersion = version
	}
	add := func(rl *rule.Rule) {
		if _, known := s.rules[rl]; !known {
			s.rules[rl] = len(d.Rules)
			d.Rules = append(d.Rules, describeRule(rl, r.Page))
		}
	}
	for _, rl := range r.Rules {
		add(rl)
	}
	for _, m := range results {
		add(m.Rule)
	}
	return d
}

func (s *sarifWriter) result(m *merged, compared bool) sarifResult {
	r := sarifResult{
		RuleID:              m.Rule.ID,
		RuleIndex:           s.rules[m.Rule],
		Level:               m.level().String(),
		Locations:           []sarifLocation{location(m.At)},
		PartialFingerprints: map[string]string{"seaworthy/v1": m.print},
		Properties:          sarifResultProperties{m.Confidence.String()},
	}
	if compared {
		r.BaselineState = m.state()
	}
	if hash := s.lineHash(r.Locations[0].Physical.Region.StartLine, m.At.File); hash != "" {
		r.PartialFingerprints["primaryLocationLineHash"] = hash
	}
	var text linkedText
	for i, f := range m.all() {
		text.finding(f, i > 0)
		if len(f.Path) > 1 {
			r.CodeFlows = append(r.CodeFlows, codeFlow(f))
		}
		for _, fix := range f.Fixes {
			if len(fix.Edits) > 0 {
				r.Fixes = append(r.Fixes, sarifFixOf(fix))
			}
		}
	}
	r.Message, r.RelatedLocations = sarifMessage{Text: text.b.String()}, text.related
	return r
}

// lineHash returns GitHub's hash of a line, or nothing where the text of the
// file is not at hand.
func (s *sarifWriter) lineHash(line int, f *source.File) string {
	if f.Err() != nil {
		return ""
	}
	if _, known := s.hashes[f]; !known {
		s.hashes[f] = lineHashes(f.Data())
	}
	if hashes := s.hashes[f]; line <= len(hashes) {
		return hashes[line-1]
	}
	return ""
}

func codeFlow(f *rule.Finding) sarifCodeFlow {
	var flow sarifThreadFlow
	for i, n := range f.Path {
		if i == maxFlow {
			break
		}
		l := location(n.At)
		l.Message = &sarifMessage{Text: unlinked(n.Text)}
		flow.Locations = append(flow.Locations, sarifThreadFlowLocation{l})
	}
	return sarifCodeFlow{[]sarifThreadFlow{flow}}
}
