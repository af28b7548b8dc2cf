package workload

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Modules whose import changes what the runtime does.
const (
	AutoMaxProcs = "go.uber.org/automaxprocs"
	AutoMemLimit = "github.com/KimMachineGun/automemlimit"
)

// containerMaxProcs is the GODEBUG setting by which the runtime looks at the CPU
// quota; it is on by default for Go 1.25 and later.
const containerMaxProcs = "containermaxprocs"

// Default returns the value that a GODEBUG setting has in the program unless the
// environment says otherwise: "" for what the release it is built with does. It
// is what cmd/go writes into the binary (cmd/go/internal/load/godebug.go): the
// go line decides, godebug lines and then //go:debug lines beat it. In a
// workspace only those of go.work count; where the program can be built with and
// without it and that makes a difference, the value is unknown.
func (p *Program) Default(setting string) fact.Fact[string] {
	m := p.Main.Module
	if m == nil {
		return fact.Not[string]()
	}
	alone := p.defaultIn(setting, moduleVersion(m), m.Mod.Source, godebugsOf(m, false))
	if !m.InWorkspace() {
		return alone
	}
	version, at, ok := m.GoLine()
	if w := m.Work.File.Go; w.Valid() {
		version, at, ok = w.Text, w.At, true
	}
	together := p.defaultIn(setting, line{version, at, ok}, m.Work.File.Source, godebugsOf(m, true))
	if together.Known() && alone.Known() && together.Value == alone.Value {
		return alone
	}
	return fact.Not[string](fact.Note{At: m.Work.File.Source.Line(1), Text: "the value depends on whether the workspace is used"})
}

// line is a go line.
type line struct {
	version string
	at      source.Span
	ok      bool
}

func moduleVersion(m *goprogram.Module) line {
	if g := m.Mod.Go; g.Valid() {
		return line{g.Text, g.At, true}
	}
	return line{}
}

func godebugsOf(m *goprogram.Module, work bool) []setting {
	of := m.Mod.Godebugs
	if work {
		of = m.Work.File.Godebugs
	}
	var all []setting
	for _, g := range of {
		all = append(all, setting{g.Key, g.Value, g.At})
	}
	return all
}

// setting is a godebug or //go:debug line.
type setting struct {
	key, value string
	at         source.Span
}

func (p *Program) defaultIn(name string, golang line, mod *source.File, lines []setting) fact.Fact[string] {
	all := slices.Concat(lines, p.directives())
	minor, ok := goprogram.Minor(golang.version)
	why := fact.Note{At: golang.at, Text: "the language version is " + golang.version}
	if !golang.ok {
		minor, ok, why = 16, true, fact.Note{At: mod.Line(1), Text: "there is no go line, which means Go 1.16"}
	}
	if !ok {
		return fact.Not[string](why)
	}
	last := func(key string) (setting, bool) {
		for _, s := range slices.Backward(all) {
			if s.key == key {
				return s, true
			}
		}
		return setting{}, false
	}
	if s, ok := last(name); ok {
		return fact.Of(s.value, fact.High, fact.Note{At: s.at, Text: "sets " + name + " to " + s.value})
	}
	if s, ok := last("default"); ok {
		if n, valid := goprogram.Minor(strings.TrimPrefix(s.value, "go")); valid {
			minor, why = n, fact.Note{At: s.at, Text: "asks for the defaults of Go 1." + strconv.Itoa(n)}
		}
	}
	known, ok := p.shared.repo.Knowledge().Godebug(name)
	if !ok || known.Changed == 0 || minor >= known.Changed {
		return fact.Of("", fact.High, why)
	}
	return fact.Of(known.Old, fact.High, why)
}

// directives are the //go:debug lines of the main package.
func (p *Program) directives() []setting {
	var all []setting
	for _, f := range p.Main.Files {
		if f.Test || !f.Match(goprogram.Linux) {
			continue
		}
		for _, d := range f.Debug {
			if key, value, ok := strings.Cut(d.Path, "="); ok {
				all = append(all, setting{strings.TrimSpace(key), strings.TrimSpace(value), d.At(p.Main.File(f))})
			}
		}
	}
	return all
}

// Release is the lowest minor release that the program is built with: N of Go
// 1.N, by its go and toolchain lines.
func (p *Program) Release() fact.Fact[int] {
	m := p.Main.Module
	if m == nil {
		return fact.Not[int]()
	}
	version, at, ok := m.GoLine()
	minor, valid := goprogram.Minor(version)
	if !ok || !valid {
		return fact.Not[int]()
	}
	if t := m.Mod.Toolchain; t.Valid() && !m.InWorkspace() {
		if n, ok := goprogram.Minor(strings.TrimPrefix(t.Text, "go")); ok && n > minor {
			return fact.Of(n, fact.Medium, fact.Note{At: t.At, Text: fmt.Sprintf("is built with Go 1.%d or later", n)})
		}
	}
	return fact.Of(minor, fact.High, fact.Note{At: at, Text: fmt.Sprintf("is built with Go 1.%d or later", minor)})
}

// Aware says whether the runtime of the program looks at the CPU quota unless the
// environment says otherwise.
func (p *Program) Aware() fact.Fact[bool] {
	def := p.Default(containerMaxProcs)
	if !def.Known() {
		return fact.Not[bool](def.Why...)
	}
	return fact.Then(def, def.Value == "" || number(def.Value) != 0)
}

// Aware says whether the runtime of a service looks at the CPU quota when
// nobody sets GOMAXPROCS.
func (s *Service) Aware() fact.Fact[bool] {
	if !s.Program.Known() {
		return fact.Not[bool]()
	}
	p := s.Program.Value
	def := p.Aware()
	debug := s.Getenv(goruntime.DebugVar)
	if !def.Known() || !debug.Known() {
		return fact.Not[bool](def.Why...)
	}
	// A setting of the environment needs a runtime that has it; one that is
	// written into the program does not build without, but for that of old go
	// lines, which newer releases add themselves.
	on, has := goruntime.DebugNumber(goruntime.Debug(debug.Value.Text), containerMaxProcs)
	switch release := p.Release(); {
	case !debug.Value.Set || !has || (on != 0) == def.Value:
		return def
	case on != 0 && (!release.Known() || release.Value < 25):
		return fact.Not[bool](fact.Note{At: debug.Value.At, Text: "whether the release knows " + containerMaxProcs + " is not known"})
	default:
		return fact.Then(debug, on != 0).AtMost(def.Confidence)
	}
}

// number reads a GODEBUG value as the runtime does; what is no number leaves
// the default, which is 1 in the runtime itself.
func number(s string) int {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 1
	}
	return int(n)
}

// Procs predicts GOMAXPROCS of a service on a machine with a number of CPUs: by
// the environment, by automaxprocs, or by the runtime itself. It is unknown
// where the program calls runtime.GOMAXPROCS.
func (s *Service) Procs(cpus int) fact.Fact[int] {
	env := s.Getenv(goruntime.MaxProcsVar)
	if !s.Program.Known() || !env.Known() || !s.CPU.Set.Known() || !s.CPU.Quota.Known() {
		return fact.Not[int]()
	}
	if calls := s.Program.Value.SetsMaxProcs(); len(calls) > 0 {
		return fact.Not[int](calls[0].Notes("may set it")...)
	}
	if s.CPU.Set.Value < float64(cpus) {
		cpus = int(s.CPU.Set.Value)
	}
	if env.Value.Set {
		n, signed, ok := goruntime.MaxProcs(env.Value.Text)
		switch release := s.Program.Value.Release(); {
		case ok && !signed:
			return fact.Then(env, n)
		case ok && (!release.Known() || release.Value < goruntime.SignSince):
			return fact.Not[int](env.Why...)
		case ok:
			return fact.Then(env, n)
		}
	}
	auto := s.Program.Value.AutoMaxProcs()
	aware := s.Aware()
	quota := s.CPU.Quota
	switch {
	case !auto.Known():
		return fact.Not[int](auto.Why...)
	case auto.Value && !env.Value.Set && quota.Value < float64(1<<31):
		return fact.Then(auto, max(1, int(quota.Value)))
	case !aware.Known():
		return fact.Not[int](aware.Why...)
	case s.CPU.Hidden:
		return fact.Then(quota, cpus)
	}
	return fact.Then(aware, goruntime.DefaultProcs(cpus, quota.Value, aware.Value))
}

// AutoMaxProcs says whether the program uses automaxprocs, which sets
// GOMAXPROCS when it starts. A requirement without an import that we see may
// still be used by a package whose sources are not at hand.
func (p *Program) AutoMaxProcs() fact.Fact[bool] { return p.uses(AutoMaxProcs) }

// AutoMemLimit is AutoMaxProcs for automemlimit, which sets GOMEMLIMIT.
func (p *Program) AutoMemLimit() fact.Fact[bool] { return p.uses(AutoMemLimit) }

func (p *Program) uses(modulePath string) fact.Fact[bool] {
	if steps, ok := p.Imports(modulePath); ok {
		return fact.Of(true, fact.High, goprogram.Notes(steps, "imports "+modulePath)...)
	}
	if at, ok := p.Requires(modulePath); ok && !p.Closure.Complete() {
		return fact.Not[bool](fact.Note{At: at, Text: "a package that we do not see may use " + path.Base(modulePath)})
	}
	return fact.Of(false, fact.High)
}

// SetsMaxProcs returns the calls of runtime.GOMAXPROCS that may set it.
func (p *Program) SetsMaxProcs() []Call {
	return slices.DeleteFunc(p.Calls("runtime", "GOMAXPROCS"), func(c Call) bool {
		n, err := strconv.Atoi(c.argText(0))
		return err == nil && n <= 0
	})
}

// SetsMemoryLimit returns the calls of debug.SetMemoryLimit that may set it.
func (p *Program) SetsMemoryLimit() []Call {
	return slices.DeleteFunc(p.Calls("runtime/debug", "SetMemoryLimit"), func(c Call) bool {
		return strings.HasPrefix(c.argText(0), "-")
	})
}

func (c *Call) argText(i int) string {
	if i >= len(c.Args) {
		return ""
	}
	return c.Args[i].At.Text()
}

// SwitchedOff says that the runtime of a service would look at the CPU quota,
// and that a godebug line or the environment tells it not to.
func (s *Service) SwitchedOff() bool {
	if !s.Program.Known() || !s.Aware().Is(func(aware bool) bool { return !aware }) {
		return false
	}
	p := s.Program.Value
	if p.Aware().Value {
		return true
	}
	m := p.Main.Module
	version, _, ok := m.GoLine()
	if m.InWorkspace() && m.Work.File.Go.Valid() {
		version = m.Work.File.Go.Text
	}
	minor, valid := goprogram.Minor(version)
	known, has := p.shared.repo.Knowledge().Godebug(containerMaxProcs)
	return ok && valid && has && minor >= known.Changed
}
