package module

import (
	"fmt"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ToolchainDownloadBlocked reports a go line for which the go command must
// download a newer Go, where GOPROXY=off or GOSUMDB=off keep it from doing so.
//
// # Why
//
// With GOTOOLCHAIN=auto the go command downloads the Go that go.mod asks for as
// a module, golang.org/toolchain, through GOPROXY. It holds it against the
// checksum database always, whatever go.sum, GONOSUMDB or GOPRIVATE say: with
// GOSUMDB=off there is no download.
//
// # Fix
//
// Raise the version of the builder to that of the go line. Or leave GOPROXY and
// GOSUMDB alone: `GOPRIVATE=git.example.com/team` does for private modules.
//
// # When it is not a problem
//
// Where another command of the same builder downloads the newer Go before, it is
// there for the rest. A GOPROXY that is one file:// URL needs no checksum
// database. See also module/go-line-newer-than-builder for builders that may not
// download.
//
// # References
//
//   - https://go.dev/doc/toolchain#download
//   - cmd/go/internal/modfetch/sumdb.go of Go 1.26 (useSumDB)
var ToolchainDownloadBlocked = &rule.Rule{
	ID:       "module/toolchain-download-blocked",
	Title:    "the newer Go that go.mod asks for cannot be downloaded",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "image", "ci", "environment"},
	Run: func(p *rule.Pass) {
		type key struct{ chosen, line source.Span }
		found := map[key]bool{}
		fetched := map[source.Span]bool{} // where a run downloads the newer Go, which others then find
		for _, r := range gorun.Runs.Of(p.Repo) {
			if name, _ := blocker(r); switches(r) && name == "" {
				fetched[r.Demand().Value.Chosen] = true
			}
		}
		for _, certain := range []bool{true, false} {
			for _, r := range gorun.Runs.Of(p.Repo) {
				d := r.Demand()
				if r.Certain != certain || !switches(r) || fetched[d.Value.Chosen] {
					continue
				}
				name, setting := blocker(r)
				if k := (key{d.Value.Chosen, d.Value.Line.At}); name != "" && !found[k] {
					found[k] = true
					p.Report(blockedDownload(r, d, name, setting))
				}
			}
		}
	},
}

// switches reports whether a run needs a newer Go than is there.
func switches(r *goenv.Run) bool {
	return r.Demand().Is(func(d goenv.Demand) bool { return d.Verdict == goenv.Switches })
}

// blocker returns the setting that keeps a newer Go from being downloaded.
func blocker(r *goenv.Run) (name string, setting fact.Fact[string]) {
	proxy, database := r.Getenv("GOPROXY"), r.Getenv("GOSUMDB")
	switch {
	case !proxy.Known() || !database.Known():
	case proxy.Value == "off" && len(proxy.Why) > 0:
		return "GOPROXY", proxy
	case database.Value == "off" && len(database.Why) > 0 && !strings.HasPrefix(proxy.Value, "file:"):
		return "GOSUMDB", database
	}
	return "", fact.Fact[string]{}
}

func blockedDownload(r *goenv.Run, d fact.Fact[goenv.Demand], name string, setting fact.Fact[string]) rule.Finding {
	line, file := d.Value.Line.Text, d.Value.File.Source.Path
	f := rule.Finding{At: setting.Why[len(setting.Why)-1].At, Severity: rule.Error}
	f.Message = fmt.Sprintf("%s=off, but %s requires go %s, which Go %s has to download", name, file, line, goenv.Name(d.Value.Running))
	wanted := "go" + line
	if strings.Count(line, ".") < 2 {
		wanted += ".0"
	}
	f.Result = fmt.Sprintf("go: download %s for linux/amd64: toolchain not available", wanted)
	if name == "GOSUMDB" {
		f.Result = fmt.Sprintf("go: download %s: golang.org/toolchain@v0.0.1-%[1]s.linux-amd64: verifying module: checksum database disabled by GOSUMDB=off", wanted)
	}
	return atRun(f, fact.Because(d, setting, notes(r.Arrived)), r, "fails in the folder of "+path.Base(file))
}
