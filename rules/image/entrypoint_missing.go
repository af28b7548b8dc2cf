package image

import (
	"fmt"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// EntrypointMissing reports an ENTRYPOINT or CMD that names a program which is
// not in the image, and a COPY --from of a path that its stage does not have.
//
// # Why
//
// The path behind COPY decides where a program lands, and with it whether the
// path in ENTRYPOINT is right. `COPY --from=build /app /srv/` gives /srv/app; a
// name without a slash is looked for in PATH, which has no folder of yours.
//
// # Fix
//
// Use one path in go build -o, in COPY and in ENTRYPOINT.
//
// # When it is not a problem
//
// Images keep their own files in the folders of the system (/bin, /usr, /etc …).
// There, and wherever a command ran that is not followed, what exists is not
// known and the rule is silent; so it is below a VOLUME, and for an image that is
// only a base for others, since no program is put into it.
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#copy
var EntrypointMissing = &rule.Rule{
	ID:       "image/entrypoint-missing",
	Title:    "program does not exist at the path that is named",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, t := range st.Transfers {
				reportTransfer(p, t)
			}
			if st == st.Plan.Target {
				reportEntry(p, st)
			}
		}
	},
}

// reportTransfer reports a COPY --from that finds nothing.
func reportTransfer(p *rule.Pass, t buildplan.Transfer) {
	if t.From == nil || !t.Known || strings.ContainsAny(t.Source, "*?[") || t.From.Tree.Lookup(t.Source).Kind != buildplan.Absent {
		return
	}
	if _, lost := t.From.LostAt(t.Source); lost {
		return // a rule of its own
	}
	name := t.From.Syntax.From.From.Name.At
	if !name.Valid() {
		name = t.From.Syntax.From.From.Image.At
	}
	f := rule.Finding{
		At:      t.At,
		Message: fmt.Sprintf("%s is not in the stage that it is copied from", t.Source),
		Proof:   fact.Because(t.From.Image, fact.Note{At: name, Text: "nothing in this stage writes " + t.Source}, fact.Note{At: t.At, Text: "is not there"}),
		Result:  notInLayers(t.Source),
	}
	if b, ok := namesake(t.From, t.Source); ok {
		f.Related = b.Why
		f.Fixes = []rule.Fix{{Title: "copy " + b.Path, Edits: []source.Edit{{Span: t.At, New: b.Path}}}}
	}
	p.Report(f)
}

// reportEntry reports an ENTRYPOINT or CMD that starts nothing.
func reportEntry(p *rule.Pass, st *buildplan.Stage) {
	e, ok := st.Entry()
	if !ok || e.Instruction.Command == nil || len(e.Instruction.Command.Exec) == 0 {
		return
	}
	word := e.Instruction.Command.Exec[0]
	at, o := st.Lookup(word.Text)
	if word.Text == "" || o.Kind != buildplan.Absent || inVolume(st, at) || isBase(st) {
		return
	}
	image := st.Image.Value.Ref.Text
	f := rule.Finding{
		At:      word.At,
		Message: fmt.Sprintf("%s starts %s, which is not in the image", e.Instruction.Cmd, word.Text),
		Proof:   fact.Because(st.Image, fact.Note{At: word.At, Text: "is neither in " + image + " nor copied"}),
		Result:  fmt.Sprintf("exec: %q: stat %[1]s: no such file or directory", at),
	}
	if at == "" {
		f.Result = fmt.Sprintf("exec: %q: executable file not found in $PATH", word.Text)
	}
	if b, ok := namesake(st, word.Text); ok {
		f.Related = b.Why
		f.Fixes = []rule.Fix{{Title: "start " + b.Path, Edits: []source.Edit{{Span: word.At, New: `"` + b.Path + `"`}}}}
	}
	p.Report(f)
}

// namesake returns the only program of the same name in a stage.
func namesake(st *buildplan.Stage, p string) (found buildplan.Placed, ok bool) {
	for _, b := range st.Binaries {
		if path.Base(b.Path) == path.Base(p) {
			if ok {
				return buildplan.Placed{}, false
			}
			found, ok = b, true
		}
	}
	return found, ok
}

// isBase reports whether an image may be a base for others, which bring the
// program: no program is put into it, unless it was empty and so can hold only
// what is copied.
func isBase(st *buildplan.Stage) bool {
	if st.Image.Value.Ref.Name() == "scratch" {
		return st.Tree.Bare()
	}
	return len(st.Binaries) == 0
}

// inVolume reports whether a path is in a VOLUME, which may bring it.
func inVolume(st *buildplan.Stage, p string) bool {
	for ; st != nil; st = st.Base {
		for _, ins := range st.Syntax.Instructions {
			for i := range ins.Words {
				if ins.Cmd == "VOLUME" && strings.HasPrefix(p, strings.TrimSuffix(ins.Words[i].Text, "/")+"/") {
					return true
				}
			}
		}
	}
	return false
}
