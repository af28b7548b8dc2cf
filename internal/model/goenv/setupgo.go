package goenv

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/workflow"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// uses runs a step that is an action.
func (w *job) uses(s *workflow.Step, inputs frame) {
	name, version, _ := strings.Cut(s.Uses.Text, "@")
	if p, ok := s.With.Get("path"); ok && strings.Contains(p.Value.Text, "vendor") {
		w.vendored = true // a cache, or what another job made
	}
	switch {
	case !s.Uses.Known:
		w.forget(s)
	case name == "actions/checkout":
		w.checkout(s, inputs)
	case name == "actions/setup-go":
		w.setupGo(s, major(version, s.Uses), inputs)
	case name == "goreleaser/goreleaser-action":
		w.goreleaser(s)
	case strings.HasPrefix(name, "./"):
		w.composite(s, name, inputs)
	case bringsToolchain.MatchString(name):
		w.forget(s)
	}
}

// bringsToolchain matches actions that are known to install tools, or whose
// name says so.
var bringsToolchain = regexp.MustCompile(`(?i)(^|[/_-])((go|golang|goenv|mise|asdf|nix|devbox|aqua|hermit|toolchain|env|prepare|bootstrap)([/_-]|$)|setup$)`)

// forget notes that anything may be set and installed.
func (w *job) forget(s *workflow.Step) {
	name, _, _ := strings.Cut(s.Uses.Text, "@")
	if owner, rest, _ := strings.Cut(name, "/"); owner == "actions" && rest != "setup-go" || owner == "docker" || owner == "github" {
		return // setup-node, setup-buildx-action: of no meaning for Go
	}
	w.releases = unknownRelease()
	w.env = openEnv(w.env, shell.Reason{At: s.Uses.At, Text: "the action may set it"})
}

// checkout notes which folder holds what.
func (w *job) checkout(s *workflow.Step, inputs frame) {
	c := checkout{dir: ".", self: true}
	if p, ok := s.With.Get("path"); ok {
		known, ok := w.resolve(p.Value, inputs, w.env)
		if !ok || len(known) != 1 {
			w.checkouts = append(w.checkouts, checkout{dir: "."}) // anywhere
			return
		}
		c.dir = path.Clean("./" + strings.TrimPrefix(known[0].Text, workspace+"/"))
	}
	if v, ok := s.With.Get("repository"); ok && !strings.Contains(v.Value.Text, "github.repository") && !strings.Contains(v.Value.Text, "head.repo") {
		c.self = false
	}
	if v, ok := s.With.Get("ref"); ok && v.Value.Text != "" && !strings.Contains(v.Value.Text, "github.") {
		c.self = false // another commit
	}
	if c.self {
		w.arrived = []fact.Note{{At: s.Uses.At, Text: "checks out the repository"}}
	}
	w.checkouts = append(w.checkouts, c)
}

var hexVersion = regexp.MustCompile(`^[0-9a-f]{40}$`)
var leadingMajor = regexp.MustCompile(`^v?([0-9]+)(\.|$|\s)`)

// major returns the major version of an action: of a tag, or of the comment
// behind a commit; 0 where it is not known.
func major(version string, uses yamlfile.Value) int {
	if hexVersion.MatchString(version) && uses.At.Valid() {
		line := uses.At.File.Line(uses.At.Finish().Line)
		_, comment, _ := strings.Cut(string(uses.At.File.Data()[uses.At.End:max(uses.At.End, line.End)]), "#")
		version = strings.TrimSpace(comment)
	}
	m := leadingMajor.FindStringSubmatch(version)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// setupGo runs actions/setup-go (src/main.ts and src/installer.ts of v3 to v7).
func (w *job) setupGo(s *workflow.Step, major int, inputs frame) {
	certain := w.certain && !s.If.Given()
	w.releases = nil
	version, given := s.With.Get("go-version")
	if given && version.Value.Text != "" {
		known, ok := w.resolve(version.Value, inputs, w.env)
		for _, v := range known {
			if ok {
				w.releases = append(w.releases, setupVersion(v))
			}
		}
	} else if file, ok := s.With.Get("go-version-file"); ok {
		w.releases = append(w.releases, w.versionFile(file.Value, major, inputs))
	}
	if len(w.releases) == 0 || !certain {
		w.releases = unknownRelease()
	}
	switch {
	case major == 0 || !certain && major >= 6:
		w.env = w.env.With("GOTOOLCHAIN", shell.Anything(shell.Reason{At: s.Uses.At, Text: "which version of setup-go this is is not known"}))
	case major >= 6:
		// src/main.ts, setGoToolchain: for all steps behind it.
		w.env = w.env.Export("GOTOOLCHAIN", shell.Known("local", s.Uses.At))
	}
}

// setupVersion reads the go-version of setup-go: a range of semver.
func setupVersion(v yamlfile.Value) fact.Fact[knowledge.GoVersion] {
	text := v.Text
	if number(v) != text {
		return fact.Fact[knowledge.GoVersion]{} // 1.20 is the number 1.2
	}
	release, ok := parseVersion(text)
	if !ok {
		return fact.Fact[knowledge.GoVersion]{}
	}
	return fact.Of(release, fact.High, fact.Note{At: place(v), Text: "setup-go brings Go " + Name(release)})
}

// number returns a value as a program gets it that reads YAML: 1.20 without
// quotes is the number 1.2.
func number(v yamlfile.Value) string {
	if f, err := strconv.ParseFloat(v.Text, 64); err == nil && v.Tag == "!!float" && !v.Quoted {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return v.Text
}

var versionText = regexp.MustCompile(`^[v=]?(1\.[0-9]+)(\.[0-9]+)?(\.x|\.\*|-?(?:rc|beta)\.?[0-9]+)?$`)

// parseVersion reads a version that names one minor release. A tilde allows
// patches only; what lies behind a caret or a comparison moves on.
func parseVersion(text string) (knowledge.GoVersion, bool) {
	text = strings.TrimSpace(text)
	tilde := strings.HasPrefix(text, "~")
	m := versionText.FindStringSubmatch(strings.TrimPrefix(text, "~"))
	if m == nil || strings.HasPrefix(m[3], "-") || m[3] != "" && m[3][0] != '.' {
		return knowledge.GoVersion{}, false // pre-releases come in too many forms
	}
	v := knowledge.GoVersion{Minor: m[1]}
	if m[2] != "" && !tilde {
		v.Patch = m[1] + m[2]
	}
	return v, true
}

// versionFile reads what go-version-file names.
func (w *job) versionFile(v yamlfile.Value, major int, inputs frame) fact.Fact[knowledge.GoVersion] {
	unknown := fact.Fact[knowledge.GoVersion]{}
	known, ok := w.resolve(v, inputs, w.env)
	if !ok || len(known) != 1 || w.edited {
		return unknown
	}
	p, ok := w.inRepo(path.Join(workspace, known[0].Text))
	if !ok {
		return unknown
	}
	text, at := versionIn(w.repo, p, major, w.env)
	release, ok := parseVersion(text)
	if !ok {
		return unknown
	}
	return fact.Of(release, fact.High,
		fact.Note{At: known[0].At, Text: "setup-go reads " + p},
		fact.Note{At: at, Text: "setup-go brings Go " + Name(release)})
}

var toolLine = regexp.MustCompile(`(?m)^golang[ \t]+([^ \t\n#]+)`)

// versionIn returns the version in a file as setup-go reads it
// (src/installer.ts, parseGoVersionFile), and its place.
func versionIn(r *repo.Repo, p string, major int, env *shell.Env) (text string, at source.Span) {
	switch base := path.Base(p); {
	case base == "go.mod" || base == "go.work":
		f := repo.GoMods.Of(r)[p]
		if base == "go.work" {
			f = repo.GoWorks.Of(r)[p]
		}
		if f == nil || major == 0 {
			return "", at
		}
		if toolchain, ok := strings.CutPrefix(f.Toolchain.Text, "go"); ok && major >= 6 && !env.Getenv("GOTOOLCHAIN").Is("local") {
			return toolchain, f.Toolchain.At
		}
		return f.Go.Text, f.Go.At
	default:
		f := r.File(p)
		if f == nil || f.Err() != nil || len(f.Data()) > 4096 {
			return "", at
		}
		data := string(f.Data())
		if base != ".tool-versions" {
			start := len(data) - len(strings.TrimLeft(data, " \t\r\n"))
			text = strings.TrimSpace(data)
			return text, f.Span(start, start+len(text))
		}
		m := toolLine.FindStringSubmatchIndex(data)
		if m == nil || major < 6 {
			return "", at
		}
		return data[m[2]:m[3]], f.Span(m[2], m[3])
	}
}

// composite follows the steps of an action of the repository.
func (w *job) composite(s *workflow.Step, name string, inputs frame) {
	p, ok := w.inRepo(path.Join(workspace, name))
	var action *workflow.File
	for _, base := range []string{"action.yml", "action.yaml"} {
		if f := actions.Of(w.repo)[path.Join(p, base)]; ok && action == nil {
			action = f
		}
	}
	if action == nil || action.Action == nil || w.depth >= 5 {
		w.forget(s)
		return
	}
	given := frame{}
	for _, in := range action.Action.Inputs {
		v := in.Default
		if own, ok := s.With.Get(in.Name.Text); ok {
			v = own.Value
		}
		if known, ok := w.resolve(v, inputs, w.env); ok && v.Given() {
			given[strings.ToLower(in.Name.Text)] = known
		}
	}
	w.depth++
	outer := w.file
	w.file = &workflow.File{} // defaults of the workflow do not hold within
	env := w.env
	w.env = w.with(w.env, s.Env, inputs)
	w.steps(action.Action.Steps, given, w.certain)
	w.file = outer
	w.depth--
	if len(s.Env.Items) > 0 || s.Env.Open {
		w.env = env // what the action exports is lost on us, too
	}
}

// Setup is a use of actions/setup-go that says the version in a way that does
// not hold.
type Setup struct {
	Version source.Span // go-version, or the value in the matrix that it names
	Text    string      // as written
	Number  string      // what is left of Text as a number; empty where that is the same
	File    source.Span // go-version-file, where both are given
}

// Setups is the model of all such uses, sorted by file.
var Setups = repo.NewModel(func(r *repo.Repo) []Setup {
	var all []Setup
	for _, files := range []map[string]*workflow.File{workflows.Of(r), actions.Of(r)} {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			f := files[name]
			for _, j := range f.Jobs {
				all = append(all, setups(j.Steps, j)...)
			}
			if f.Action != nil {
				all = append(all, setups(f.Action.Steps, &workflow.Job{})...)
			}
		}
	}
	return all
})

func setups(steps []*workflow.Step, j *workflow.Job) []Setup {
	var all []Setup
	for _, s := range steps {
		if name, _, _ := strings.Cut(s.Uses.Text, "@"); name != "actions/setup-go" {
			continue
		}
		version, _ := s.With.Get("go-version")
		file, _ := s.With.Get("go-version-file")
		values, ok := j.Values(version.Value)
		for _, v := range values {
			if n := number(v); ok && n != v.Text {
				all = append(all, Setup{Version: place(v), Text: v.Text, Number: n})
			}
		}
		if v := version.Value; v.Known && v.Text != "" && file.Value.Text != "" {
			all = append(all, Setup{Version: v.At, Text: v.Text, File: file.Value.At})
		}
	}
	return all
}

// place is where a value is written: in the matrix, or where it is given.
func place(v yamlfile.Value) source.Span {
	if v.From.Valid() {
		return v.From
	}
	return v.At
}
