// Package image holds the rules about container images: what a build puts into
// them and whether the program can start there.
package image

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	ArchHardcoded,
	BuildOutputLost,
	CgoEnabledNoop,
	CgoModuleOff,
	CgoWithoutCompiler,
	DockerignoreExcludesCopied,
	EntrypointMissing,
	ExecJSONInvalid,
	GlibcTooOld,
	LibcMismatch,
	LocalReplaceMissing,
	NoCACerts,
	NoShell,
	NoTZData,
	PieWithoutLoader,
	PlatformArgDefault,
	PlatformArgUndeclared,
	RaceOnStaticBase,
	ScriptCannotStart,
	StaticFlagIneffective,
	UnknownGolangTag,
	UserUnknown,
	VCSStamp,
	WrongArch,
	WrongPackageTool,
}
