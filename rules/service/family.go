// Package service holds the rules about programs as they run: units, compose
// files and manifests, their limits and their environment.
package service

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	AmbientNotInBounding,
	ContainerMaxProcsDisabled,
	CPUQuotaIgnored,
	CPUQuotaOnParent,
	DownwardAPIDivisor,
	DownwardAPIWholeLimit,
	DropinDuplicateExec,
	EnvNotExpanded,
	ExecEnvPrefix,
	ExecShellSyntax,
	GODEBUGFatal,
	GODEBUGFolklore,
	GOGCNotANumber,
	GOGCOffUnbounded,
	GOMAXPROCSNotANumber,
	GOMAXPROCSOverQuota,
	GOMEMLIMITMalformed,
	GOMEMLIMITOverLimit,
	InlineComment,
	LimitIgnoredBySystemd,
	MemoryWithoutGOMEMLIMIT,
	NetworkOnlineNotWanted,
	NofileLowered,
	ProtectHomeHidesPath,
	RelativeExec,
	UnknownDirective,
	ValueIgnoredBySystemd,
	WantedByWrongManager,
	WrongSection,
}
