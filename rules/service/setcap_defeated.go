package service

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// SetcapDefeated reports a capability that is given to a file with setcap, and
// that the unit which runs the file takes away again.
//
// # Why
//
// Capabilities of a file count when it is executed, unless the process has
// no_new_privs set or the file is in a user namespace that does not own it.
// NoNewPrivileges=yes sets that, DynamicUser=yes implies it, and PrivateUsers=yes
// makes such a namespace: the program starts without the capability.
//
// # Fix
//
// Drop setcap and give the capability in the unit:
//
//	AmbientCapabilities=CAP_NET_BIND_SERVICE
//
// That also works after every new build, and keeps the tracebacks, which the
// runtime cuts short for files with capabilities.
//
// # When it is not a problem
//
// The rule is silent where AmbientCapabilities= gives the same capability, and
// for files of another name than the unit starts.
//
// # References
//
//   - systemd.exec(5), NoNewPrivileges=, DynamicUser=, PrivateUsers=
//   - capabilities(7), "File capabilities"
var SetcapDefeated = &rule.Rule{
	ID:       "service/setcap-defeated",
	Title:    "unit takes away what setcap gives",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "systemd"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind != workload.Unit || s.Script != nil || !unprivileged(s) {
				continue
			}
			defeats := defeatsFileCapabilities(s.Unit)
			if defeats == nil {
				continue
			}
			for _, c := range setcaps(p.Repo, programFile(s)) {
				if hasAmbient(s.Unit, strings.ToUpper(c.capability)) {
					continue
				}
				p.Report(rule.Finding{
					At:      defeats.ValueAt,
					Message: fmt.Sprintf("%s=%s takes %s away from %s, which gets it by setcap", defeats.Key, defeats.Value.Text, strings.ToUpper(c.capability), c.file),
					Proof: fact.Because(fact.Note{At: c.at, Text: "gives " + c.file + " the capability"},
						fact.Note{At: s.Exec.Path.At, Text: "starts it"}, fact.Note{At: defeats.ValueAt, Text: "keeps the capabilities of files from counting"}),
					Fixes: []rule.Fix{{Title: "Add AmbientCapabilities=" + strings.ToUpper(c.capability), Safe: true,
						Edits: addSetting(s, "AmbientCapabilities="+strings.ToUpper(c.capability))}},
				})
			}
		}
	},
}

// programFile is the name of the file that a unit starts.
func programFile(s *workload.Service) string { return path.Base(s.Exec.Path.Text) }

// addSetting inserts a line below ExecStart=.
func addSetting(s *workload.Service, text string) []source.Edit {
	return []source.Edit{lineAfter(s.Unit.Last("Service", "ExecStart").At, text)}
}

// defeatsFileCapabilities returns the setting that keeps the capabilities of
// files from counting, or nil.
func defeatsFileCapabilities(u *systemd.Unit) *systemd.Setting {
	for _, key := range []string{"NoNewPrivileges", "DynamicUser", "PrivateUsers"} {
		if set := u.Last("Service", key); set != nil {
			if on, ok := systemd.Bool(set.Value.Text); ok && on {
				return set
			}
		}
	}
	return nil
}

// setcap is a command that gives a file a capability.
type setcap struct {
	at         source.Span
	file       string
	capability string // lower case: cap_net_bind_service
}

// setcaps returns the commands of makefiles and scripts that give a file of a
// name a capability.
func setcaps(r *repo.Repo, file string) []setcap {
	var all []setcap
	for _, c := range fileCapabilities.Of(r) {
		if c.file == file {
			all = append(all, c)
		}
	}
	return all
}

// fileCapabilities are all setcap commands of makefiles and scripts.
var fileCapabilities = repo.NewModel(func(r *repo.Repo) []setcap {
	var all []setcap
	seen := map[source.Span]bool{}
	note := func(trace *shell.Trace) {
		for i := range trace.Commands {
			if c, ok := readSetcap(&trace.Commands[i]); ok && !seen[c.at] {
				seen[c.at] = true
				all = append(all, c)
			}
		}
	}
	runner := &shell.Runner{}
	env := shell.NewEnv(shell.Anything(shell.Reason{Text: "depends on who runs it"}))
	for _, f := range r.Of(repo.Script) {
		if strings.Contains(string(f.Data()), "setcap") {
			note(runner.Run(shell.ParseFile(f, shell.Bash), shell.State{Env: env}))
		}
	}
	for _, f := range r.Of(repo.Makefile) {
		if strings.Contains(string(f.Data()), "setcap") {
			for _, line := range workload.Recipes(r, f) {
				note(runner.Run(shell.Parse(line.Text, shell.POSIX), shell.State{Env: line.Env}))
			}
		}
	}
	slices.SortFunc(all, func(a, b setcap) int { return a.at.Compare(b.at) })
	return all
})

// readSetcap reads setcap CAPABILITY=… FILE.
func readSetcap(c *shell.Command) (setcap, bool) {
	if len(c.Words) != 3 || path.Base(c.Words[0].Text) != "setcap" || !c.Words[1].Exact() || !c.Words[2].Exact() {
		return setcap{}, false
	}
	capability, flags, ok := strings.Cut(strings.ToLower(c.Words[1].Text), "=")
	if !ok {
		capability, flags, ok = strings.Cut(strings.ToLower(c.Words[1].Text), "+")
	}
	if !ok || !strings.Contains(flags, "e") || strings.Contains(capability, ",") {
		return setcap{}, false
	}
	return setcap{at: c.At, file: path.Base(c.Words[2].Text), capability: capability}, true
}
