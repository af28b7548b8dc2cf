package buildplan

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
)

// silent are the commands that write to no file that their words name.
var silent = words(`: true false echo printf cat ls cd pwd test [ [[ which command type uname date id whoami printenv export set unset umask
	sleep wait exit return read shift local declare typeset readonly grep egrep fgrep head tail wc cut tr basename dirname seq stat du df
	sha256sum sha512sum md5sum ldd readelf objdump nm chmod chown chgrp strip setcap getcap hash alias trap realpath readlink cmp diff`)

// mentions notes that a command may have written what its words name: the
// output of compilers, downloads and the like, whatever option says so. What is
// known to stand there stays known; what is not there may be.
func (st *Stage) mentions(c *Command, name string) {
	if silent[name] {
		return
	}
	after := "" // the option in front
	for _, w := range c.Words[1:] {
		text := w.Prefix()
		if i := strings.LastIndexAny(text, "=:"); i >= 0 {
			text = text[i+1:]
		}
		switch {
		case !w.Exact() && strings.HasPrefix(text, "/"):
			st.anywhere(c, path.Dir(text+"x")) // its end is not known
		case strings.HasPrefix(text, "/"):
			st.anywhere(c, text)
		case c.Dir.Known() && !strings.HasPrefix(text, "-") && (strings.Contains(text, "/") || strings.HasPrefix(after, "-")):
			st.anywhere(c, path.Join(c.Dir.Text, text))
		}
		after = w.Text
	}
}

// readsOnly are the verbs of the go command that change no file but caches.
var readsOnly = words("env version list vet build install bug doc help telemetry")

// goFiles notes what a go command may write besides programs: the caches below
// GOPATH, and what its verb is about.
func (st *Stage) goFiles(c *Command, g *GoCommand) {
	gopath := "/go"
	if v := c.Variable("GOPATH"); v.Known() && path.IsAbs(v.Value) {
		gopath, _, _ = strings.Cut(v.Value, ":")
	}
	st.anywhere(c, path.Join(gopath, "pkg"))
	verb, _, _ := strings.Cut(g.Verb, " ")
	switch {
	case readsOnly[verb] || verb == "fmt" || verb == "fix": // these keep the names of files
		return
	case g.Verb == "mod download" || g.Verb == "mod verify" || g.Verb == "mod graph" || g.Verb == "mod why":
		return
	case (verb == "mod" || verb == "get" || verb == "work") && g.GoMod != "":
		dir := path.Dir(g.GoMod)
		for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum", "vendor"} {
			st.anywhere(c, path.Join(dir, name))
		}
		return
	}
	st.mentions(c, "go")
	if g.Dir != "" {
		st.anywhere(c, g.Dir)
	}
}

// xargs runs another command with words that are not known.
func (st *Stage) xargs(c *Command) {
	for _, w := range c.Words[1:] {
		if name := path.Base(w.Text); w.Exact() && (harmless[name] || local[name] || fileEffects[name] != nil || isGo(name)) {
			st.opaqueFiles(c)
			return
		}
	}
	st.opaque(fact.Note{At: c.At, Text: "which command xargs runs is not known"})
}
