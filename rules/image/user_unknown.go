package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// UserUnknown reports a USER or --chown that names a user or group which the
// image does not have.
//
// # Why
//
// Names are looked up in /etc/passwd and /etc/group of the image. scratch has
// neither; alpine, debian and ubuntu have no user nonroot. A USER that is not
// there stops the build at the next RUN, else the start of the container. For
// --chown a name that is not there means root, without a word; in a stage that
// is still empty it stops the build.
//
// # Fix
//
// Use numbers, which need no entry, such as `USER 65532:65532`, or add the user
// in the stage.
//
// # When it is not a problem
//
// The rule is silent for numbers, where /etc/passwd is copied or may have been
// changed, and where a package is installed that may add users. The images of
// distroless have nobody and nonroot, and --chown=root is 0 without any file.
//
// # Severity
//
//   - error: for USER, and for --chown in an empty stage
//   - warning: for --chown, whose files become those of root
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#user
//   - moby/buildkit, solver/llbsolver/ops/user_linux.go, readUser
var UserUnknown = &rule.Rule{
	ID:       "image/user-unknown",
	Title:    "user or group does not exist in the image",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, n := range st.Names {
				reportName(p, st, n)
			}
			if n, ok := st.Starter(); ok && st == st.Plan.Target {
				reportName(p, st, n)
			}
		}
	},
}

func reportName(p *rule.Pass, st *buildplan.Stage, n buildplan.Named) {
	for _, named := range []struct {
		name, what, file string
		there            fact.Fact[bool]
	}{{n.User, "user", "passwd", n.HasUser}, {n.Group, "group", "group", n.HasGroup}} {
		if !named.there.Is(missing) {
			continue
		}
		f := rule.Finding{
			At:      n.At,
			Message: fmt.Sprintf("%s names the %s %s, but %s has none of that name", n.By, named.what, named.name, imageThen(st, n)),
			Proof:   fact.Because(named.there, fact.Note{At: n.At, Text: "names the " + named.what + " " + named.name}),
			Result:  fmt.Sprintf("unable to find %s %s: no matching entries in %s file", named.what, named.name, named.file),
			Fixes:   numericUser(n),
		}
		switch {
		case n.By == "--chown" && n.Bare:
			f.Result = "invalid user index: -1"
		case n.By == "--chown":
			f.Severity, f.Result = rule.Warning, "the files belong to root"
		}
		p.Report(f)
		return // one of the two is enough
	}
}

// imageThen names the image as it is when the name is looked up.
func imageThen(st *buildplan.Stage, n buildplan.Named) string {
	if n.By == "--chown" {
		return st.Image.Value.Ref.Text + " here"
	}
	return st.Image.Value.Ref.Text
}

// numericUser writes well-known names as the numbers that they have elsewhere.
func numericUser(n buildplan.Named) []rule.Fix {
	ids := map[string]string{"nonroot": "65532", "nobody": "65534", "nogroup": "65534", "root": "0"}
	user, group := ids[n.User], ids[n.Group]
	if user == "" || group == "" && n.Group != "" || n.By != "USER" && n.By != "--chown" && n.At.Text() != n.User {
		return nil
	}
	if group == "" {
		group = user
	}
	id := user + ":" + group
	return []rule.Fix{{Title: "use the numbers " + id, Safe: true, Edits: []source.Edit{{Span: n.At, New: id}}}}
}
