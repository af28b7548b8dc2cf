package systemd

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Outcome is what systemd does with an assignment.
type Outcome uint8

// The outcomes, the worst last but for Unknown, which says that it cannot be
// told: the kind of value is not modelled, or it holds a specifier that the
// repository does not settle.
const (
	Unknown  Outcome = iota
	Accepted         // takes the value
	Partial          // drops some of the words
	Ignored          // drops the assignment: an earlier one or the default stays
	Refused          // the unit does not load; of a drop-in the rest is not read
)

// Verdict is what systemd does with an assignment and what it says about it.
type Verdict struct {
	Outcome Outcome
	Notes   []Note
}

// Note is something to say about a value, in systemd's words where it says it.
type Note struct {
	source.Problem      // At is the word it is about, or the whole value
	Silent         bool // systemd drops the word without a message
	Advice         bool // systemd takes the value nevertheless
}

// Text returns the first thing there is to say, or "".
func (v Verdict) Text() string {
	if len(v.Notes) == 0 {
		return ""
	}
	return v.Notes[0].Text
}

// counts reports whether the assignment has, or may have, an effect.
func (v Verdict) counts() bool {
	return v.Outcome == Accepted || v.Outcome == Partial || v.Outcome == Unknown
}

// maxNotes is how much is said of one assignment; a hostile one may have half a
// million bad words.
const maxNotes = 100

// checker judges one assignment.
type checker struct {
	scope        Scope
	section, key string
	value        *source.Joined
	at           source.Span
	verdict      Verdict
}

// Check says what systemd does with a value assigned to a key of a section.
// The value may be empty, at is its place.
func (s Scope) Check(section, key string, value *source.Joined, at source.Span) Verdict {
	c := &checker{scope: s, section: section, key: key, value: value, at: at}
	c.verdict.Outcome = Accepted
	d, ok := LookUp(section, key)
	switch {
	case isNewer(key, value.Text):
		c.unknown()
	case ok:
		c.check(d.Kind)
	case !strings.HasPrefix(key, "X-") && !strings.HasPrefix(section, "X-"):
		c.ignore("Unknown key '%s' in section [%s], ignoring.", key, section)
	}
	return c.verdict
}

// isNewer reports directives and values that came after the release of the table,
// as far as the release notes of 258 to 260 are known. What an older systemd
// does with them is no mistake of the author, and nothing is said about them.
func isNewer(key, value string) bool {
	switch key {
	case "AcceptFileDescriptors", "BindNetworkInterface", "ConcurrencyHardMax", "ConcurrencySoftMax", "DeferTrigger",
		"DeferTriggerMaxSec", "DelegateNamespaces", "ExecReloadPost", "MemoryTHP", "PassPIDFD", "PrivateBPF",
		"RandomizedOffsetSec", "RefreshOnReload", "RootMStack", "UserNamespacePath":
		return true
	case "PrivateUsers":
		return value == "full" || value == "managed"
	case "ProtectHostname":
		return value == "private" || strings.HasPrefix(value, "private:")
	case "OnFailureJobMode", "OnSuccessJobMode":
		return value == "lenient"
	}
	return strings.HasPrefix(key, "BPFDelegate") ||
		strings.HasSuffix(key, "DirectoryQuota") || strings.HasSuffix(key, "DirectoryAccounting")
}

// CheckAssignment is Check for an assignment as parsed.
func (s Scope) CheckAssignment(a *Assignment) Verdict {
	return s.Check(a.Section, a.Key, a.Value, a.ValueAt)
}

// note adds a message about the place at.
func (c *checker) note(at source.Span, n Note, format string, args ...any) {
	if len(c.verdict.Notes) < maxNotes {
		n.Problem = source.Problem{At: at, Text: fmt.Sprintf(format, args...)}
		c.verdict.Notes = append(c.verdict.Notes, n)
	}
}

// worsen raises the outcome; what is known to be ignored stays so.
func (c *checker) worsen(o Outcome) { c.verdict.Outcome = max(c.verdict.Outcome, o) }

// ignore says that the assignment is dropped.
func (c *checker) ignore(format string, args ...any) {
	c.note(c.at, Note{}, format, args...)
	c.worsen(Ignored)
}

// drop says that one word is dropped, and the others stay.
func (c *checker) drop(at source.Span, format string, args ...any) {
	c.note(at, Note{}, format, args...)
	c.worsen(Partial)
}

// refuse says that the unit does not load.
func (c *checker) refuse(at source.Span, format string, args ...any) {
	c.note(at, Note{}, format, args...)
	c.worsen(Refused)
}

// advise adds what systemd says about a value that it takes.
func (c *checker) advise(format string, args ...any) {
	c.note(c.at, Note{Advice: true}, format, args...)
}

// unknown says that the value cannot be judged.
func (c *checker) unknown() {
	if c.verdict.Outcome == Accepted {
		c.verdict.Outcome = Unknown
	}
}

// failed reports the error of a parser in systemd's general form.
func (c *checker) failed(err error) bool {
	if err != nil {
		c.ignore("Failed to parse %s=%s, ignoring: %v", c.key, c.value.Text, err)
	}
	return err != nil
}

// expand replaces the specifiers of the whole value, and says so where that is
// impossible. ok is false when there is nothing more to check.
func (c *checker) expand(set specifierSet, format string) (text string, ok bool) {
	out, known, err := c.scope.expand(c.value, set)
	if err != nil {
		c.ignore(format, c.value.Text, err)
		return "", false
	}
	if !known {
		c.unknown()
	}
	return out.Text, known
}

const (
	inQuotes   = "Failed to resolve unit specifiers in '%s', ignoring: %v"
	withoutOne = "Failed to resolve unit specifiers in %s, ignoring: %v"
)
