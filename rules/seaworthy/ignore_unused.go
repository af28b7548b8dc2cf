package seaworthy

import "github.com/goseaworthy/seaworthy/internal/rule"

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
