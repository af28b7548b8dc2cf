package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// WrongPackageTool reports a package manager of another distribution than that
// of the stage.
//
// # Why
//
// apk is the package manager of Alpine, apt-get that of Debian and Ubuntu, dnf
// that of Fedora and its relatives. When the image of a stage is exchanged for
// one of another distribution, its RUN instructions stay.
//
// # Fix
//
// Use the package manager of the image. Packages can have other names there:
// `apk add gcc musl-dev` is `apt-get install gcc libc6-dev`.
//
// # When it is not a problem
//
// The rule is silent where the command runs under a condition only, where its
// failure is ignored, and where what the stage holds is not known.
//
// # References
//
//   - https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
var WrongPackageTool = &rule.Rule{
	ID:       "image/wrong-package-tool",
	Title:    "package manager is not the one of the image",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			has := packageFamily[st.Image.Value.PackageManager]
			if !st.Image.Known() || has == "" || len(st.Opaque) > 0 {
				continue
			}
			for _, c := range st.Commands {
				name := commandName(c)
				wants := packageFamily[name]
				if wants == "" || wants == has || c.Conditional || c.StatusIgnored || len(c.Via) > 0 || installs(st, name) {
					continue
				}
				at := c.Words[0].At
				image := st.Image.Value.Ref.Text
				p.Report(rule.Finding{
					At:      at,
					Message: fmt.Sprintf("%s is not in %s, whose package manager is %s", name, image, st.Image.Value.PackageManager),
					Proof:   fact.Because(st.Image, fact.Note{At: at, Text: "is not there"}),
					Result:  "/bin/sh: " + name + ": not found",
				})
			}
		}
	},
}

// packageFamily maps package managers to the distributions that have them.
var packageFamily = map[string]string{
	"apk": "apk", "apt": "apt", "apt-get": "apt", "dnf": "dnf", "microdnf": "dnf", "yum": "dnf", "tdnf": "dnf",
	"zypper": "zypper", "pacman": "pacman",
}

// installs reports whether a package of a name is installed, or one whose name
// is not known.
func installs(st *buildplan.Stage, name string) bool {
	for _, in := range st.Installs {
		if in.Package == name || in.Package == "" {
			return true
		}
	}
	return false
}
