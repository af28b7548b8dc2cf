// Package service holds the rules about programs as they run: units, compose
// files and manifests, their limits and their environment.
package service

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	AmbientNotInBounding,
	AutomaxprocsRedundant,
	ContainerMaxProcsDisabled,
	CPUQuotaIgnored,
	CPUQuotaOnParent,
	DownwardAPIDivisor,
	DownwardAPIWholeLimit,
	DropinDuplicateExec,
	EnvNotExpanded,
	ExecEnvPrefix,
	ExecShellSyntax,
	GoCacheUndefined,
	GoRunInService,
	GODEBUGFatal,
	GODEBUGFolklore,
	GOGCNotANumber,
	GOGCOffUnbounded,
	GOMAXPROCSInCode,
	GOMAXPROCSNotANumber,
	GOMAXPROCSOverQuota,
	GOMEMLIMITMalformed,
	GOMEMLIMITOverLimit,
	InlineComment,
	LimitIgnoredBySystemd,
	MemoryWithoutGOMEMLIMIT,
	NetworkOnlineNotWanted,
	NofileLowered,
	NotifyWithoutSdNotify,
	PrivilegedPortDenied,
	ProtectHomeHidesPath,
	RelativeExec,
	ReloadKillsService,
	SetcapDefeated,
	ShellWrapperNoExec,
	UnknownDirective,
	ValueIgnoredBySystemd,
	WantedByWrongManager,
	WrongSection,
}
