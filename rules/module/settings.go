package module

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// atRun proves a finding about a premise by the first command that meets it.
func atRun(f rule.Finding, premise fact.Premise, r *goenv.Run, text string) rule.Finding {
	f.Proof = fact.Because(premise, notes(r.Trail), fact.Note{At: r.At, Text: text})
	if !r.Certain {
		f.Confidence = min(f.Confidence, fact.Low)
		f.Severity = min(f.Severity, rule.Warning)
	}
	return f
}

// compiles reports whether a command needs the build cache.
func compiles(r *goenv.Run) bool {
	switch r.Verb {
	case "build", "install", "run", "test", "vet":
		return len(r.Problems) == 0
	}
	return false
}

// foreign reports whether a command names packages or modules with a version:
// it takes them from elsewhere, whatever go.mod says.
func foreign(r *goenv.Run) bool {
	return slices.ContainsFunc(r.Args, func(a gocmd.Word) bool { return strings.Contains(a.Text, "@") })
}

// fetches reports whether a command may download modules, from somewhere else
// than a folder.
func fetches(r *goenv.Run) bool {
	switch r.Verb {
	case "build", "install", "run", "test", "vet", "list", "generate", "mod download", "mod tidy", "mod vendor", "get":
	default:
		return false
	}
	proxy := r.Getenv("GOPROXY")
	if proxy.Value == "off" || strings.HasPrefix(proxy.Value, "file:") || len(r.Problems) > 0 {
		return false
	}
	if !adds(r) && r.Module != nil && r.Module.VendorInEffect() {
		return false
	}
	return mode(r) != "vendor"
}

// adds reports whether a command takes modules that have no line in go.sum
// yet.
func adds(r *goenv.Run) bool {
	switch r.Verb {
	case "get", "mod tidy":
		return true
	case "install", "run", "mod download":
		return foreign(r)
	}
	return mode(r) == "mod"
}

// mode is the value of -mod, empty where it is not set.
func mode(r *goenv.Run) string {
	f, set, _ := r.Flag("mod")
	if !set || !f.Value.Known {
		return ""
	}
	return f.Value.Text
}

// all reports whether a list of patterns matches every module
// (golang.org/x/mod/module, MatchPrefixPatterns).
func all(patterns string) bool {
	return slices.ContainsFunc(strings.Split(patterns, ","), func(p string) bool {
		ok, err := path.Match(p, "example.com/some/module")
		head, err2 := path.Match(p, "example.com")
		two, err3 := path.Match(p, "example.com/some")
		return err == nil && err2 == nil && err3 == nil && (ok || head || two) && strings.Trim(p, "*/.?") == ""
	})
}
