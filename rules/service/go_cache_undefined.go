package service

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// GoCacheUndefined reports a unit that runs the go command without a place for
// its build cache.
//
// # Why
//
// The go command keeps its cache below GOCACHE, XDG_CACHE_HOME or HOME. systemd
// sets HOME only for units with a User= that has a home: not for units that run
// as root because they name nobody, not with DynamicUser=, and not for nobody. No
// build, test or go run starts then. CacheDirectory= alone does not help: it
// sets CACHE_DIRECTORY.
//
// # Fix
//
// Give the unit a cache folder and name it:
//
//	CacheDirectory=app
//	Environment=GOCACHE=%C/app/build GOPATH=%C/app/go
//
// # When it is not a problem
//
// User units have a HOME, and so have units with SetLoginEnvironment=yes or
// PAMName=.
//
// # References
//
//   - cmd/go/internal/cache/default.go
//   - systemd.exec(5), "Environment Variables in Spawned Processes"
var GoCacheUndefined = &rule.Rule{
	ID:       "service/go-cache-undefined",
	Title:    "unit runs the go command without a build cache",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind != workload.Unit || s.Unit.Scope.User || hasHome(s.Unit) || !homeless(s) {
				continue
			}
			for _, run := range s.Runs {
				if !isGoCommand(run) || !compiles(run) || run.Conditional || setsCache(run) {
					continue
				}
				at := commandAt(run)
				p.Report(rule.Finding{
					At:      at,
					Message: fmt.Sprintf("%s has no HOME, so that the go command finds no place for its cache", s.Name),
					Proof: fact.Because(s.User, fact.Of(true, fact.Medium,
						fact.Note{At: s.At, Text: "nothing sets HOME, XDG_CACHE_HOME or GOCACHE for it"}), fact.Note{At: at, Text: "needs the cache"}),
					Result: "build cache is required, but could not be located: GOCACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined",
					Fixes:  cacheFolder(s),
				})
				break
			}
		}
	},
}

// hasHome reports whether systemd logs the user of a unit in.
func hasHome(u *systemd.Unit) bool {
	if u.Last("Service", "PAMName") != nil {
		return true
	}
	set := u.Last("Service", "SetLoginEnvironment")
	if set == nil {
		return false
	}
	on, ok := systemd.Bool(set.Value.Text)
	return !ok || on
}

// homeless reports whether a unit gets no HOME and no cache: its user has none,
// and no variable names a place.
func homeless(s *workload.Service) bool {
	dynamic := false
	if set := s.Unit.Last("Service", "DynamicUser"); set != nil {
		dynamic, _ = systemd.Bool(set.Value.Text)
	}
	if !s.User.Known() || s.User.Value != "" && s.User.Value != "nobody" && !dynamic {
		return false
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "GOCACHE"} {
		if v := s.Getenv(name); !v.Known() || v.Value.Set {
			return false
		}
	}
	return true
}

// compiles reports whether a go command needs the build cache.
func compiles(run commands.Ran) bool {
	if len(run.Words) < 2 {
		return false
	}
	switch run.Words[1].Text {
	case "build", "run", "test", "install", "vet", "generate":
		return true
	}
	return false
}

// setsCache reports whether a script gives the go command a place.
func setsCache(run commands.Ran) bool {
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "GOCACHE"} {
		if v := run.Getenv(name); v.Set == shell.Yes {
			return true
		}
	}
	return false
}

// cacheFolder is the fix that gives a unit a cache folder.
func cacheFolder(s *workload.Service) []rule.Fix {
	start := s.Unit.Last("Service", "ExecStart")
	name, _, _ := strings.Cut(strings.TrimSuffix(s.Name, ".service"), "@")
	if start == nil || s.Unit.Last("Service", "CacheDirectory") != nil {
		return nil
	}
	folder := lineAfter(start.At, "CacheDirectory="+name)
	folder.New += lineAfter(start.At, "Environment=GOCACHE=%C/"+name+"/build GOPATH=%C/"+name+"/go").New
	return []rule.Fix{{Title: "Give it a cache folder", Safe: true, Edits: []source.Edit{folder}}}
}
