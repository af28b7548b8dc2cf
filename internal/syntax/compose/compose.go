// Package compose reads Compose files: what a service runs, with which
// environment and limits.
//
// It follows compose-go (github.com/compose-spec/compose-go/v2): interpolation
// as in template, merging as in override, commands as in types/command.go.
package compose

import (
	"path"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Project is what Compose makes of a file and its overrides. Paths in it are
// relative to the folder of the file that holds them (see Value.At).
type Project struct {
	Name     yamlfile.Value
	Services []*Service
	Includes []Include
	Problems []source.Problem
	// Open says that there may be more services than are listed.
	Open bool
}

// Include is an entry of include.
type Include struct {
	Paths     yamlfile.List // a file and its overrides
	EnvFiles  yamlfile.List
	Directory yamlfile.Value
}

// Service is an entry of services, with what it extends applied.
type Service struct {
	Node *yamlfile.Node
	Name yamlfile.Value

	Image       yamlfile.Value
	Platform    yamlfile.Value
	Build       *Build
	Entrypoint  yamlfile.List // words; given and empty: that of the image is dropped
	Command     yamlfile.List // the same
	WorkingDir  yamlfile.Value
	User        yamlfile.Value
	Environment yamlfile.Dict // a name without a value is taken from the host
	EnvFiles    []EnvFile     // lose against Environment; later ones win
	Extends     *Extends      // if what is extended could not be read
	Profiles    yamlfile.List
	Healthcheck *Healthcheck

	Limits  Limits
	Deploy  Deploy
	Scale   yamlfile.Value
	Restart yamlfile.Value
	Init    yamlfile.Value

	CapAdd      yamlfile.List
	CapDrop     yamlfile.List
	SecurityOpt yamlfile.List
	Privileged  yamlfile.Value
	ReadOnly    yamlfile.Value
	Sysctls     yamlfile.Dict
	Ulimits     []Ulimit
	Tmpfs       yamlfile.List
	Volumes     []Volume
	Files       []Volume      // configs and secrets that say where they are put
	Ports       yamlfile.List // published:target, or the target of the long form
	Network     yamlfile.Value
	StopSignal  yamlfile.Value
	StopGrace   yamlfile.Value // stop_grace_period

	// Open says that keys which are not given may be given elsewhere: what the
	// service extends could not be read.
	Open bool
}

// Build is how an image is built.
type Build struct {
	At         source.Span
	Context    yamlfile.Value // not given: the folder of the file
	Dockerfile yamlfile.Value // relative to Context; not given: Dockerfile
	Inline     yamlfile.Value // dockerfile_inline
	Target     yamlfile.Value
	Args       yamlfile.Dict // a name without a value is taken from the host
	Contexts   yamlfile.Dict // additional_contexts
	Platforms  yamlfile.List
	Open       bool
}

// EnvFile is an entry of env_file.
type EnvFile struct {
	Path     yamlfile.Value
	Required yamlfile.Value // not given: true
	Format   yamlfile.Value // raw: no interpolation; not given: as .env
}

// Extends names a service that this one extends.
type Extends struct{ File, Service yamlfile.Value }

// Limits are the limits of the service itself; those of Deploy win.
type Limits struct {
	CPUs, CPUSet, CPUQuota, CPUPeriod, CPUShares, CPUCount yamlfile.Value
	Memory, MemoryReservation, MemorySwap, Pids            yamlfile.Value
}

// Deploy is the deploy section.
type Deploy struct {
	Replicas                                                      yamlfile.Value
	LimitCPUs, LimitMemory, LimitPids, ReserveCPUs, ReserveMemory yamlfile.Value
	RestartCondition                                              yamlfile.Value
}

// Healthcheck is how the health of a service is checked.
type Healthcheck struct {
	At      source.Span
	Disable yamlfile.Value
	Shell   bool          // Test is one text for the shell
	Test    yamlfile.List // the command, without CMD and CMD-SHELL
	None    bool          // the check of the image is switched off
}

// Ulimit is a resource limit.
type Ulimit struct{ Name, Soft, Hard yamlfile.Value }

// Volume is a mount. A path that is not given in an entry is not known.
type Volume struct{ Type, Source, Target, ReadOnly yamlfile.Value }

// IsOverride reports whether a file is one of those that Compose merges into
// the default file of their folder.
func IsOverride(file string) bool { return slices.Contains(overrideNames(), path.Base(file)) }

// Default returns, of the names in one folder, the file that Compose reads when
// it is not told any, and its override; both can be empty.
func Default(names []string) (file, override string) {
	first := func(wanted []string) string {
		for _, name := range wanted {
			if slices.Contains(names, name) {
				return name
			}
		}
		return ""
	}
	return first([]string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}), first(overrideNames())
}

// overrideNames are the names of overrides in the order of Compose.
func overrideNames() []string {
	return []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
}

// Options say what else the repository holds.
type Options struct {
	// Env returns the value that the .env file of the project gives to a
	// variable. It may be nil.
	Env func(name string) (yamlfile.Value, bool)
	// Open returns the Compose file at a path of the repository, or nil. It may
	// be nil.
	Open func(path string) *yamlfile.File
}
