package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// The rules that the engine reports with, where they are among those that run.
const (
	withoutReason = "seaworthy/ignore-without-reason"
	unknownRule   = "seaworthy/ignore-unknown-rule"
	unused        = "seaworthy/ignore-unused"
	expired       = "seaworthy/ignore-expired"
)

// ignore is one rule that a comment or an entry of the configuration silences.
type ignore struct {
	rule        config.Text
	suppression *rule.Suppression
	entry       *config.Ignore // nil for a comment
	used        bool
}

// line is a line of a file, with all that continues it if whole is set, and a
// rule.
type line struct {
	file  *source.File
	n     int
	whole bool
	rule  string
}

// silencer knows what is to be silent.
type silencer struct {
	options  Options
	known    []string              // the IDs of all rules
	ran      map[string]*rule.Rule // those that were asked and did not fail
	comments map[line]*ignore
	first    map[*source.File][]int // where continued lines begin
	entries  []*ignore
	all      []*ignore
	misuse   []rule.Finding
}

// suppress marks the findings that a comment or the configuration silences, and
// returns findings about those that do so in vain.
func suppress(r *repo.Repo, findings []rule.Finding, o Options, result Result) []rule.Finding {
	s := &silencer{
		options:  o,
		ran:      map[string]*rule.Rule{},
		comments: map[line]*ignore{},
		first:    map[*source.File][]int{},
	}
	for _, x := range o.Rules {
		s.known = append(s.known, x.ID)
	}
	for _, x := range result.Ran {
		s.ran[x.ID] = x
	}
	s.readComments(r, findings)
	s.readConfig()
	for i := range findings {
		s.silence(&findings[i])
	}
	s.reportUnused(result.Failures)
	misuse := dropExcluded(s.misuse, o.Config)
	setLevels(misuse, o)
	return misuse
}

// readComments reads the comments of all inputs. Go sources are left alone
// unless a rule has read them as a whole or a finding rests on them: most runs
// look at their first lines only.
func (s *silencer) readComments(r *repo.Repo, findings []rule.Finding) {
	evidence := map[*source.File]bool{}
	for _, f := range findings {
		for _, at := range places(f) {
			evidence[at.File] = true
		}
	}
	for _, in := range r.Inputs {
		if in.Kind == repo.GoSource && !in.Loaded() && !evidence[in.File] {
			continue
		}
		comments, first := commentsIn(in.File, in.Kind)
		s.first[in.File] = first
		for _, c := range comments {
			s.addComment(in.File, c)
		}
	}
}

// places returns where a finding stands and where its evidence does.
func places(f rule.Finding) []source.Span {
	all := []source.Span{f.At}
	for _, n := range f.Path {
		all = append(all, n.At)
	}
	return all
}

func (s *silencer) addComment(f *source.File, c comment) {
	suppression := &rule.Suppression{At: c.at, Reason: c.reason}
	for _, name := range c.names {
		suppression.Rules = append(suppression.Rules, name.Value)
	}
	switch {
	case len(c.names) == 0:
		s.complain(unknownRule, c.at, "the comment names no rule")
		return
	case c.bad != "":
		s.complain(expired, c.at, c.bad)
		return
	case s.isOver(c.at, c.names[0].Value, c.until), s.lacksReason(c.at, c.reason):
		return
	}
	for _, name := range c.names {
		if s.unknown(name) {
			continue
		}
		if strings.HasPrefix(name.Value, "seaworthy/") {
			s.complain(unused, name.At, name.Value+" cannot be silenced by a comment, only disabled in "+config.Name)
			continue
		}
		ig := &ignore{rule: name, suppression: suppression}
		s.all = append(s.all, ig)
		key := line{f, c.target, c.whole, name.Value}
		if s.comments[key] == nil {
			s.comments[key] = ig
		}
	}
}

// readConfig reads the entries of the configuration, and the names it uses.
func (s *silencer) readConfig() {
	c := s.options.Config
	for _, d := range c.Disable {
		s.unknown(d)
	}
	for _, l := range c.Severity {
		s.unknown(l.Rule)
	}
	for i := range c.Ignore {
		e := &c.Ignore[i]
		if s.unknown(e.Rule) || s.isOver(e.At, e.Rule.Value, e.Until) || s.lacksReason(e.At, e.Reason) {
			continue
		}
		ig := &ignore{rule: e.Rule, entry: e, suppression: &rule.Suppression{At: e.At, Rules: []string{e.Rule.Value}, Reason: e.Reason}}
		s.entries = append(s.entries, ig)
		s.all = append(s.all, ig)
	}
}

func (s *silencer) unknown(name config.Text) bool {
	if slices.Contains(s.known, name.Value) {
		return false
	}
	hint := ""
	if len(s.misuse) < 100 { // a file can be made to name very many
		hint = nearest.DidYouMean(name.Value, s.known)
	}
	s.complain(unknownRule, name.At, fmt.Sprintf("there is no rule %s%s", name.Value, hint))
	return true
}

func (s *silencer) isOver(at source.Span, id string, until time.Time) bool {
	if until.IsZero() || s.options.Now.Format(time.DateOnly) <= until.Format(time.DateOnly) {
		return false
	}
	s.complain(expired, at, fmt.Sprintf("the ignore of %s ended with %s (today is %s)",
		id, until.Format(time.DateOnly), s.options.Now.Format(time.DateOnly)))
	return true
}

func (s *silencer) lacksReason(at source.Span, reason string) bool {
	if reason != "" {
		return false
	}
	s.complain(withoutReason, at, "the ignore does not say why, so it does not count")
	return true
}

// complain reports a misuse, if the rule about it runs.
func (s *silencer) complain(id string, at source.Span, message string) {
	if x := s.ran[id]; x != nil {
		s.misuse = append(s.misuse, rule.Finding{
			Rule: x, At: at, Message: message,
			Proof: fact.Note{At: at, Text: "nothing is silenced here"}.Proof(),
		})
	}
}

// silence marks a finding if a comment stands at its place or at any step of
// its evidence, or if an entry of the configuration speaks of such a file.
func (s *silencer) silence(f *rule.Finding) {
	at := places(*f)
	ig := s.byComment(f.Rule.ID, at)
	if ig == nil {
		ig = s.byConfig(f.Rule.ID, at)
	}
	if ig != nil {
		ig.used = true
		f.Suppression = ig.suppression
	}
}

func (s *silencer) byComment(id string, places []source.Span) *ignore {
	for _, at := range places {
		n := at.Begin().Line
		if ig := s.comments[line{at.File, n, false, id}]; ig != nil {
			return ig
		}
		if first := s.first[at.File]; n < len(first) {
			if ig := s.comments[line{at.File, first[n], true, id}]; ig != nil {
				return ig
			}
		}
	}
	return nil
}

func (s *silencer) byConfig(id string, places []source.Span) *ignore {
	for _, ig := range s.entries {
		if ig.rule.Value == id && slices.ContainsFunc(places, func(at source.Span) bool { return ig.entry.Covers(at.File.Path) }) {
			return ig
		}
	}
	return nil
}

// reportUnused reports what silenced nothing although its rule ran.
func (s *silencer) reportUnused(failures []Failure) {
	for _, f := range failures {
		delete(s.ran, f.Rule.ID)
	}
	for _, ig := range s.all {
		if ig.used || s.ran[ig.rule.Value] == nil {
			continue
		}
		where := "here"
		if ig.entry != nil {
			where = "in " + ig.entry.Path.Value
		}
		s.complain(unused, ig.rule.At, fmt.Sprintf("%s finds nothing %s", ig.rule.Value, where))
	}
}
