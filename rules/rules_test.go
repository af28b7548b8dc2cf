package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

func TestAllIsSortedAndComplete(t *testing.T) {
	all := All()
	if !slices.IsSortedFunc(all, func(a, b *rule.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the rules are not sorted by ID")
	}
	id := regexp.MustCompile(`^(image|module|seaworthy|service)/[a-z0-9]+(-[a-z0-9]+)*$`)
	since := regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	seen := map[string]bool{}
	for _, r := range all {
		switch {
		case !id.MatchString(r.ID):
			t.Errorf("%q is no ID of a rule", r.ID)
		case seen[r.ID]:
			t.Errorf("%s is there twice", r.ID)
		case r.Title == "" || strings.HasSuffix(r.Title, "."):
			t.Errorf("%s: title %q", r.ID, r.Title)
		case r.Severity == rule.Default:
			t.Errorf("%s has no severity", r.ID)
		case !since.MatchString(r.Since):
			t.Errorf("%s: since %q", r.ID, r.Since)
		case r.Run == nil && !strings.HasPrefix(r.ID, "seaworthy/ignore-"):
			t.Errorf("%s does nothing", r.ID)
		}
		seen[r.ID] = true
	}
}
