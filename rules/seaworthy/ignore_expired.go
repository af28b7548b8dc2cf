package seaworthy

import "github.com/goseaworthy/seaworthy/internal/rule"

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
