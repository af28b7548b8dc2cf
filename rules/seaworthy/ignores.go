package seaworthy

import "github.com/goseaworthy/seaworthy/internal/rule"

// IgnoreWithoutReason reports a request to be silent that does not say why. It
// is not granted.
//
// # Why
//
// The next reader has to know whether the finding was looked at and is
// harmless here, or was only in the way. Without a reason nobody dares to
// remove the comment again.
//
// # Fix
//
// Say why behind the name of the rule:
//
//	# seaworthy:ignore image/no-tzdata all times in this service are UTC
var IgnoreWithoutReason = &rule.Rule{
	ID:       "seaworthy/ignore-without-reason",
	Title:    "an ignore gives no reason",
	Severity: rule.Warning,
	Since:    "v0.1.0",
}

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

// IgnoreUnused reports a request to be silent about something that was not
// found. It is reported only if the rule ran.
//
// # Why
//
// The hazard is gone, or the comment stands at the wrong line. Left behind, it
// would hide the hazard when it comes back.
//
// An ignore counts for the places where a finding stands and for every step of
// its evidence. It stands at the end of such a line, where the format knows
// comments there, or in the comment lines directly above it; in a Dockerfile,
// unit, Makefile or script the line goes on over continuations.
//
// # Fix
//
// Remove it, or move it to a line that the finding names.
var IgnoreUnused = &rule.Rule{
	ID:       "seaworthy/ignore-unused",
	Title:    "an ignore silences nothing",
	Severity: rule.Warning,
	Since:    "v0.1.0",
}

// IgnoreExpired reports a request to be silent whose last day is over. It is
// not granted any more.
//
// # Why
//
// Somebody set the date to look at the matter again:
//
//	# seaworthy:ignore image/wrong-arch until=2027-03-01 arm64 hosts arrive in March
//
// The day counts as it is where seaworthy runs; --now sets another one.
//
// # Fix
//
// Mend the finding, which is reported again, or set another date.
var IgnoreExpired = &rule.Rule{
	ID:       "seaworthy/ignore-expired",
	Title:    "an ignore has expired",
	Severity: rule.Warning,
	Since:    "v0.1.0",
}
