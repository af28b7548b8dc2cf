package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Script is the start of a script of the repository by the kernel, or of a line
// of a recipe by make: what needs an interpreter in the stage.
type Script struct {
	At   source.Span // the word that names the script, or the value of SHELL of make
	Path string      // of the script, absolute in the stage; "" for a recipe
	File *source.File
	shell.Hashbang
	// Run leads to it; nil for what a container starts.
	Run *dockerfile.Instruction
	// Trail are the calls of make on the way.
	Trail []fact.Note
	// HasInterpreter says whether the interpreter is there when it starts.
	HasInterpreter fact.Fact[bool]
	// Direct says that the container starts it without a shell or wrapper.
	Direct bool
	// Tolerated says that it may not start, or that its failure is not looked at.
	Tolerated bool
}

// Interpreter is the program that is missing where it is: its path, or the name
// that env looks for.
func (s Script) Interpreter() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Program
}

// maxScripts bounds what a stage keeps.
const maxScripts = 1000

// starts notes the scripts that lead to a command, and the shell of the recipe
// in which it stands, as the stage is now.
func (st *Stage) starts(c *Command, sh shell.Value) {
	if st.Outside {
		return
	}
	for _, call := range c.Scripts {
		st.Scripts = st.script(st.Scripts, Script{
			At: call.At, Path: call.Path, File: call.File, Run: c.Run, Trail: c.Trail,
			Tolerated: call.Conditional || call.StatusIgnored,
		}, c.Tree)
	}
	if file := st.program(c); file != nil {
		at, _ := c.absolute(c.Words[0])
		st.Scripts = st.script(st.Scripts, Script{
			At: c.Words[0].At, Path: at, File: file, Run: c.Run, Trail: c.Trail, Tolerated: c.Conditional || c.StatusIgnored,
		}, c.Tree)
	}
	if !sh.Known() || !sh.At.Valid() || sh.Text == "" {
		return
	}
	text := strings.TrimSpace(sh.Text)
	line := shell.HashbangOf([]byte("#!" + text))
	at := sh.At // of the assignment
	if i := strings.LastIndex(at.Text(), text); i >= 0 {
		at = at.Sub(i, i+len(text))
	}
	st.Scripts = st.script(st.Scripts, Script{At: at, Hashbang: line, Run: c.Run, Trail: c.Trail, Tolerated: c.Conditional}, c.Tree)
}

// program is the file of the repository that a command names by its path.
func (st *Stage) program(c *Command) *source.File {
	if at, ok := c.absolute(c.Words[0]); ok && strings.Contains(c.Words[0].Text, "/") {
		return c.Tree.File(st.Plan.repo, at)
	}
	return nil
}

// script adds a script to a list unless it is there.
func (st *Stage) script(list []Script, s Script, t *Tree) []Script {
	if len(list) >= maxScripts || slices.ContainsFunc(list, func(have Script) bool { return have.At == s.At }) {
		return list
	}
	if s.File != nil {
		if s.File.Err() != nil || st.Plan.edits || t.Lookup(s.Path).Touched {
			return list
		}
		s.Hashbang = shell.HashbangOf(s.File.Data())
	}
	if s.Program != "" {
		s.HasInterpreter = st.hasInterpreter(t, s.Hashbang)
	}
	return append(list, s)
}

// binFolders are those of PATH.
var binFolders = []string{"/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin"}

// HasProgram says whether a program is there in a state of the files: of a path,
// or of a name in PATH.
func (st *Stage) HasProgram(t *Tree, program string) fact.Fact[bool] {
	return st.hasInterpreter(t, shell.Hashbang{Program: program})
}

// hasInterpreter says whether the program of a first line is there.
func (st *Stage) hasInterpreter(t *Tree, h shell.Hashbang) fact.Fact[bool] {
	if path.IsAbs(h.Program) && st.Image.Value.Ref.Name() == "scratch" && t.Lookup(h.Program).Kind == Absent {
		return fact.Then(st.Image, false)
	}
	name := cmpOr(h.Name, path.Base(h.Program)) // without a slash, make looks for it in PATH
	inPath := h.Name != "" || !strings.Contains(h.Program, "/")
	if name == "" || strings.Contains(name, "/") || !inPath && !slices.Contains(binFolders, path.Dir(h.Program)) {
		return fact.Not[bool]()
	}
	there := st.Image.Value.Tool(name)
	if name == "sh" {
		if there = st.Image.Value.Shell; inPath {
			return fact.Not[bool]() // distroless has one in a folder of its own
		}
	}
	var without map[string]bool
	if name == "bash" {
		without = noBash
	}
	paths := make([]string, 0, len(binFolders)+1)
	for _, dir := range binFolders {
		paths = append(paths, path.Join(dir, name))
	}
	if path.IsAbs(h.Program) {
		paths = append(paths, h.Program)
	}
	return st.has(t, there, words(name), without, paths...)
}

// noBash are packages of Alpine that do not depend on bash.
var noBash = words(`ca-certificates ca-certificates-bundle tzdata curl wget git make gcc g++ musl-dev libc-dev build-base linux-headers binutils
	openssh-client openssl jq tini dumb-init su-exec coreutils findutils grep sed gawk sqlite sqlite-dev sqlite-libs libcap shadow gcompat
	libc6-compat libstdc++ libgcc file tar gzip xz unzip zip upx pkgconf pkgconfig netcat-openbsd busybox-extras`)

// startsScripts are the scripts that a container starts.
func (e *Entry) startsScripts(st *Stage, runs []commands.Ran) {
	first := source.Span{}
	// An ENTRYPOINT of the image, of which CMD is an argument, can give it to a shell.
	wrapped := e.Instruction.Cmd == "CMD" && st.Image.Value.Entrypoint == nil
	if c := e.Instruction.Command; c.JSON && len(c.Exec) > 0 && !wrapped {
		first = c.Exec[0].At
	}
	for i := range runs {
		run := &runs[i]
		for _, call := range run.Scripts {
			e.Scripts = st.script(e.Scripts, Script{
				At: call.At, Path: call.Path, File: call.File, Direct: call.At == first,
				Tolerated: call.Conditional || call.StatusIgnored,
			}, st.Tree)
		}
		at, origin := st.Program(&run.Command)
		if origin.Kind != FromContext || origin.Dir {
			continue
		}
		e.Scripts = st.script(e.Scripts, Script{
			At: run.Words[0].At, Path: at, File: st.Plan.repo.File(origin.Path), Direct: run.Words[0].At == first,
			Tolerated: run.Conditional || run.StatusIgnored,
		}, st.Tree)
	}
}

// Bare reports whether the file is a text without a #! line: a shell would run
// it, and the kernel does not.
func (s Script) Bare() bool {
	if s.File == nil || s.File.Err() != nil {
		return false
	}
	data := s.File.Data()
	return len(data) > 0 && s.Program == "" && !slices.Contains(data[:min(len(data), 512)], 0)
}
