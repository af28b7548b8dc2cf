package module

import (
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GocacheOff reports a GOCACHE with which go commands cannot build: off, or a
// path that is not absolute.
//
// # Why
//
// Since Go 1.12 the build cache is required. GOCACHE=off was a way to switch it
// off before; `go test -count=1` is how to run tests anew, and `go build -a`
// builds anew. The go command does not expand a tilde, and takes no relative
// path.
//
// # Fix
//
// Delete the setting, or name a folder by its absolute path. For a cache that
// leaves nothing behind in an image use a mount:
// `RUN --mount=type=cache,target=/root/.cache/go-build`.
//
// # When it is not a problem
//
// Only where a go command follows that compiles: in the same stage, job, recipe
// or script. An empty value counts as not set.
//
// # References
//
//   - https://go.dev/doc/go1.12#gocache
//   - cmd/go/internal/cache/default.go of Go 1.26
var GocacheOff = &rule.Rule{
	ID:       "module/gocache-off",
	Title:    "GOCACHE is off or not an absolute path",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "environment"},
	Run: func(p *rule.Pass) {
		for _, s := range gorun.Settings.Of(p.Repo) {
			r := s.First(compiles)
			if s.Name != "GOCACHE" || r == nil || r.Go.Known() && len(r.Go.Value.Minor) < len("1.12") {
				continue
			}
			f := rule.Finding{At: s.At}
			switch {
			case s.Value == "off":
				f.Message = "GOCACHE=off: since Go 1.12 go " + r.Verb + " needs the build cache"
				f.Result = "build cache is disabled by GOCACHE=off, but required as of Go 1.12"
			case !strings.HasPrefix(s.Value, "/") && !windowsPath.MatchString(s.Value):
				f.Message = "GOCACHE=" + s.Value + " is not an absolute path"
				f.Result = "build cache is required, but could not be located: GOCACHE is not an absolute path"
			default:
				continue
			}
			p.Report(atRun(f, s, r, "fails"))
		}
	},
}

var windowsPath = regexp.MustCompile(`^([A-Za-z]:)?[\\/]`)
