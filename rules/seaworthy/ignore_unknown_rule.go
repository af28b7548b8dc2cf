package seaworthy

import "github.com/goseaworthy/seaworthy/internal/rule"

// IgnoreUnknownRule reports a name that is not that of a rule, in a comment or
// in .seaworthy.toml.
//
// # Why
//
// It silences nothing: a slip of the pen, or a rule that has another name in
// this version. An ignore names its rules one by one: "image/*" would also
// silence rules that do not exist yet.
//
// # Fix
//
// Correct the name; "seaworthy rules" lists them all.
var IgnoreUnknownRule = &rule.Rule{
	ID:       "seaworthy/ignore-unknown-rule",
	Title:    "an ignore names a rule that does not exist",
	Severity: rule.Warning,
	Since:    "v0.1.0",
}
