// Package image holds the rules about container images: what a build puts into
// them and whether the program can start there.
package image

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	BuildOutputLost,
	CgoEnabledNoop,
	CgoModuleOff,
	CgoWithoutCompiler,
	EntrypointMissing,
	ExecJSONInvalid,
	GlibcTooOld,
	LibcMismatch,
	NoShell,
	PieWithoutLoader,
	RaceOnStaticBase,
	StaticFlagIneffective,
	UnknownGolangTag,
	UserUnknown,
	WrongPackageTool,
}
