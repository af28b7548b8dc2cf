package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// SumdbDisabled reports settings with which no module is held against the
// checksum database: GOSUMDB=off, or GONOSUMDB and GOPRIVATE with a pattern
// that matches every module.
//
// # Why
//
// The checksum database shows everyone the same contents of a version. Without
// it the go command believes whatever server or proxy it asks, whenever it
// writes a new line to go.sum: in go get, go mod tidy, builds with -mod=mod, and
// in go install and go run of a package with a version, for which there is no
// go.sum at all. GOSUMDB=off also makes automatic downloads of newer Go
// releases fail.
//
// # Severity
//
//   - error: a command that follows takes modules without a line in go.sum
//   - warning: the commands that follow rest on go.sum
//
// # Fix
//
// Name the private modules in GOPRIVATE, `GOPRIVATE=git.example.com/team`, and
// leave the database on for the rest.
//
// # When it is not a problem
//
// Only where a go command follows that downloads: in the same stage, job,
// recipe or script. With GOPROXY=off, GOPROXY=file:///…, or a vendor folder
// nothing is downloaded. An empty value counts as not set.
//
// # References
//
//   - https://go.dev/ref/mod#checksum-database
//   - cmd/go/internal/modfetch/sumdb.go of Go 1.26
var SumdbDisabled = &rule.Rule{
	ID:       "module/sumdb-disabled",
	Title:    "the checksum database is switched off",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "environment", "security"},
	Run: func(p *rule.Pass) {
		for _, s := range gorun.Settings.Of(p.Repo) {
			if !switchesOff(s) {
				continue
			}
			setting := s.Name + "=" + s.Value
			unchecked := func(r *goenv.Run) bool { return fetches(r) && adds(r) && inForce(s, r) }
			if r := s.First(unchecked); r != nil {
				f := rule.Finding{At: s.At, Severity: rule.Error}
				f.Message = fmt.Sprintf("%s: go %s takes modules that are held against no checksum", setting, r.Verb)
				p.Report(atRun(f, s, r, "takes modules that no go.sum knows"))
			} else if r := s.First(func(r *goenv.Run) bool { return fetches(r) && inForce(s, r) }); r != nil {
				f := rule.Finding{At: s.At, Severity: rule.Warning}
				f.Message = fmt.Sprintf("%s: what go.sum does not know is held against no checksum", setting)
				p.Report(atRun(f, s, r, "downloads modules"))
			}
		}
	},
}

// switchesOff reports whether a setting keeps all modules from the database.
func switchesOff(s *gorun.Setting) bool {
	switch s.Name {
	case "GOSUMDB":
		return s.Value == "off"
	case "GONOSUMDB", "GOPRIVATE":
		return all(s.Value)
	}
	return false
}

// inForce reports whether no other variable takes precedence: GOPRIVATE is
// only the default of GONOSUMDB.
func inForce(s *gorun.Setting, r *goenv.Run) bool {
	if s.Name != "GOSUMDB" && r.Getenv("GOSUMDB").Value == "off" {
		return false // that one is reported
	}
	return s.Name != "GOPRIVATE" || r.Getenv("GONOSUMDB").Is(func(v string) bool { return v == "" })
}
