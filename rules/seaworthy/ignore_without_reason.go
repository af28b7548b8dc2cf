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
