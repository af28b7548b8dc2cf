// Package module holds the rules about modules: go.mod, go.sum, workspaces, vendor
// directories, and the versions and settings of Go that they are built with.
package module

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	ExcludeRequired,
	GoLineNewerThanBuilder,
	GocacheOff,
	GodebugUnknown,
	GoflagsMalformed,
	GoflagsModMod,
	GomodInvalid,
	GosumConflictingHash,
	GosumMalformed,
	GosumMissingEntry,
	GosumNotCommitted,
	ImportNotRequired,
	InsecureFetch,
	ReplaceConflict,
	ReplaceDead,
	ReplaceInInstallableCmd,
	ReplaceOutsideRepo,
	ReplaceTargetMissing,
	RequireDuplicate,
	RequireNotCanonical,
	SetupGoMismatch,
	SumdbDisabled,
	ToolPathInvalid,
	ToolchainDownloadBlocked,
	ToolchainLineBreaksBuild,
	VendorFlagWithoutVendor,
	VendorInconsistent,
	VendorPackageMissing,
	WorkInvalid,
}
