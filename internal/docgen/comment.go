package docgen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

// The headings a rule's comment may have.
const (
	whatYouSee = "What you see"
	why        = "Why"
	severity   = "Severity"
	harmless   = "When it is not a problem"
	howToFix   = "Fix"
	references = "References"
)

// comment is the text of a rule, by heading; "" is what stands before the
// first. The texts are Markdown as they are.
type comment map[string]string

// parseComment splits the comment of the variable called name.
func parseComment(name, doc string, r *rule.Rule) (comment, error) {
	c, heading := comment{}, ""
	for line := range strings.Lines(doc) {
		if h, ok := strings.CutPrefix(line, "# "); ok {
			heading = strings.TrimSpace(h)
			if !slices.Contains([]string{whatYouSee, why, severity, harmless, howToFix, references}, heading) {
				return nil, fmt.Errorf("the comment has a heading %q", heading)
			}
			continue
		}
		c[heading] += line
	}
	for h, text := range c {
		if c[h] = strings.Trim(text, "\n"); strings.HasPrefix(c[h], "(") {
			return nil, fmt.Errorf("the comment is not written under %q", "# "+h)
		}
	}
	required := []string{"", why, howToFix}
	if r.Family() != "seaworthy" {
		required = append(required, harmless, references)
	}
	for _, h := range required {
		if c[h] == "" {
			return nil, fmt.Errorf("the comment says nothing under %q", "# "+h)
		}
	}
	c[""] = sentence(name, c[""])
	return c, nil
}

// sentence turns "LibcMismatch reports a binary" into "Reports a binary": on a
// page nobody knows the variable.
func sentence(name, text string) string {
	rest, ok := strings.CutPrefix(text, name+" ")
	if !ok {
		return text
	}
	return upper(rest)
}

var levelItem = regexp.MustCompile(`^ *- (error|warning|note): (.+)$`)

// level is a severity and the condition under which a finding has it.
type level struct {
	severity  rule.Severity
	condition string
}

// levels reads the list under # Severity. Without one all findings are of the
// rule's severity.
func (c comment) levels(r *rule.Rule) ([]level, error) {
	if c[severity] == "" {
		return []level{{r.Severity, "always"}}, nil
	}
	var levels []level
	for line := range strings.Lines(c[severity]) {
		line = strings.TrimRight(line, "\n")
		m := levelItem.FindStringSubmatch(line)
		switch {
		case m != nil:
			s, err := rule.ParseSeverity(m[1])
			if err != nil {
				return nil, err
			}
			levels = append(levels, level{s, m[2]})
		case len(levels) > 0 && strings.HasPrefix(line, " "):
			levels[len(levels)-1].condition += " " + strings.TrimSpace(line)
		case strings.TrimSpace(line) != "":
			return nil, fmt.Errorf("%q under # Severity is no item of a list such as \"  - warning: when …\"", line)
		}
	}
	if !slices.ContainsFunc(levels, func(l level) bool { return l.severity == r.Severity }) {
		return nil, fmt.Errorf("# Severity does not say when a finding is of severity %s", r.Severity)
	}
	for _, l := range levels {
		if l.severity > r.Severity {
			return nil, fmt.Errorf("# Severity speaks of %s, the rule gives %s at most", l.severity, r.Severity)
		}
	}
	return levels, nil
}
