package buildplan

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// ran takes in one command of a RUN: it is kept for the rules, and its effect
// on the files, packages and users of the stage is noted.
func (st *Stage) ran(ins *dockerfile.Instruction, r commands.Ran) {
	c := &Command{Command: r.Command, Stage: st, Run: ins, Trail: r.Trail, Tree: st.Tree}
	st.Commands = append(st.Commands, c)
	name := r.Name()
	for _, redirect := range c.Redirects {
		st.redirect(c, redirect)
	}
	switch {
	case name == "":
		st.opaque(fact.Note{At: c.At, Text: "which program runs is not known"})
	case harmless[name]:
	case managers[name] != nil:
		st.install(c, name)
	case isGo(name):
		st.goCommand(c)
	case fileEffects[name] != nil:
		fileEffects[name](st, c)
	case accountEffects[name] != "":
		st.account(c, name)
	default:
		st.opaque(fact.Note{At: c.At, Text: "what " + name + " does is not known"})
	}
}

// harmless are the commands that leave no file behind that matters here, bring
// no package and add no user.
var harmless = words(`: true false echo printf cat ls cd pwd test [ [[ which command type uname date id whoami env
	printenv export set unset umask sleep wait exit return read shift local declare readonly grep egrep fgrep head tail wc
	sort uniq cut tr tee expr basename dirname seq stat file du df sha256sum sha512sum md5sum ldd readelf objdump nm
	chmod chown chgrp strip upx sync hash alias trap time git-lfs tput nproc arch getent xargs kill ldconfig locale-gen
	update-alternatives apt-mark gofmt golangci-lint staticcheck govulncheck pushd popd diff cmp jq yq awk setcap getcap
	openssl gpg gpgv apt-key apk-key update-ca-trust cosign tini rpm-key ulimit hostname free`)

// fileEffects are the commands whose effect on the files is followed.
var fileEffects = map[string]func(*Stage, *Command){
	"mkdir": wrote, "touch": wrote, "rm": removes, "rmdir": removes,
	"cp": copies, "mv": copies, "install": copies, "ln": copies,
	"tar": unpacks, "unzip": unpacks, "bsdtar": unpacks, "gunzip": unpacks, "xz": unpacks, "gzip": unpacks, "unxz": unpacks,
	"curl": downloads, "wget": downloads, "git": clones, "sed": edits, "find": here, "patch": here,
	"npm": here, "npx": here, "yarn": here, "pnpm": here, "node": here, "bun": here, "vite": here,
	"protoc": here, "buf": here, "templ": here, "mockgen": here, "sqlc": here, "swag": here, "wire": here,
}

func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// absolute returns a word as an absolute path; ok is false where it is not
// known.
func (c *Command) absolute(w shell.Word) (string, bool) {
	if !w.Exact() {
		return "", false
	}
	if path.IsAbs(w.Text) {
		return path.Clean(w.Text), true
	}
	if !c.Dir.Known() {
		return "", false
	}
	return path.Join(c.Dir.Text, w.Text), true
}

// operands splits the words of a command into its options and the rest.
// withValue are the short options that take the next word.
func (c *Command) operands(withValue string) (options []string, rest []shell.Word) {
	for i := 1; i < len(c.Words); i++ {
		w := c.Words[i]
		switch {
		case w.Text == "--":
			return options, append(rest, c.Words[i+1:]...)
		case strings.HasPrefix(w.Text, "--"):
			options = append(options, w.Text)
		case len(w.Text) > 1 && w.Text[0] == '-':
			options = append(options, w.Text)
			if strings.ContainsAny(w.Text[len(w.Text)-1:], withValue) && i+1 < len(c.Words) {
				i++
				options = append(options, c.Words[i].Text)
			}
		default:
			rest = append(rest, w)
		}
	}
	return options, rest
}

// put adds a layer for a command. What may not happen makes the place unknown.
func (st *Stage) put(c *Command, l layer) {
	l.note = fact.Note{At: c.At, Text: "writes " + l.dest}
	if c.Conditional && l.kind != opaque {
		st.Tree = st.Tree.add(l)
		l = layer{kind: opaque, dest: l.dest, note: l.note}
	}
	st.Tree = st.Tree.add(l)
}

// anywhere notes that a command wrote files we do not know below dest.
func (st *Stage) anywhere(c *Command, dest string) {
	st.put(c, layer{kind: opaque, dest: dest})
}

// redirect handles > file and >> file.
func (st *Stage) redirect(c *Command, r shell.Redirect) {
	if !strings.Contains(r.Op, ">") || strings.Contains(r.Op, ">&") && r.Target.Text != "" && r.Target.Text[0] >= '0' && r.Target.Text[0] <= '9' {
		return
	}
	at, ok := c.absolute(r.Target)
	if !ok {
		return
	}
	if at != "/dev/null" {
		st.put(c, layer{kind: made, dest: at})
		st.passwd(at, fact.Note{At: c.At})
	}
}

// wrote notes files of unknown contents.
func wrote(st *Stage, c *Command) {
	_, rest := c.operands("")
	for _, w := range rest {
		if at, ok := c.absolute(w); ok {
			st.put(c, layer{kind: made, dest: at, dir: c.Words[0].Text == "mkdir"})
		}
	}
}

func removes(st *Stage, c *Command) {
	_, rest := c.operands("")
	for _, w := range rest {
		if at, ok := c.absolute(w); ok && !strings.ContainsAny(at, "*?[") {
			st.put(c, layer{kind: removed, dest: at})
		}
	}
}

// copies handles cp, mv, install and ln: the files go on under another name.
func copies(st *Stage, c *Command) {
	name := path.Base(c.Words[0].Text)
	options, rest := c.operands(map[string]string{"install": "mogS", "cp": "S", "mv": "S", "ln": "S"}[name])
	if name == "install" && hasShort(options, 'd') {
		wrote(st, c)
		return
	}
	if into, ok := targetOption(options); ok {
		rest = append(rest, shell.Word{Value: shell.Known(into+"/", c.At)})
	}
	if len(rest) < 2 {
		return
	}
	last := rest[len(rest)-1]
	dest, ok := c.absolute(last)
	if !ok {
		st.anywhere(c, "/")
		return
	}
	for _, w := range rest[:len(rest)-1] {
		src, ok := c.absolute(w)
		if !ok || strings.ContainsAny(src, "*?[") {
			st.anywhere(c, dest)
			continue
		}
		o := st.Tree.Lookup(src)
		at := dest
		if strings.HasSuffix(last.Text, "/") || len(rest) > 2 || st.Tree.Lookup(dest).Dir {
			at = path.Join(dest, path.Base(src))
		}
		if o.Kind == Unknown {
			st.anywhere(c, at)
		}
		st.put(c, layer{kind: fromTree, dest: at, tree: st.Tree, src: src})
		if name == "mv" {
			st.put(c, layer{kind: removed, dest: src})
		}
	}
	st.passwd(dest, fact.Note{At: c.At})
}

func hasShort(options []string, letter byte) bool {
	for _, o := range options {
		if len(o) > 1 && o[0] == '-' && o[1] != '-' && strings.IndexByte(o, letter) > 0 {
			return true
		}
	}
	return false
}

// targetOption reads -t DIR and --target-directory=DIR.
func targetOption(options []string) (string, bool) {
	for i, o := range options {
		if v, ok := strings.CutPrefix(o, "--target-directory="); ok {
			return v, true
		}
		if o == "-t" && i+1 < len(options) {
			return options[i+1], true
		}
	}
	return "", false
}

// unpacks handles the commands that fill a folder with files from elsewhere.
func unpacks(st *Stage, c *Command) {
	dest := "/"
	if c.Dir.Known() {
		dest = c.Dir.Text
	}
	for i, w := range c.Words {
		if (w.Text == "-C" || w.Text == "-d" || w.Text == "--directory") && i+1 < len(c.Words) {
			if at, ok := c.absolute(c.Words[i+1]); ok {
				dest = at
			} else {
				dest = "/"
			}
		}
	}
	st.anywhere(c, dest)
}

// downloads handles curl and wget, which write one file, or print.
func downloads(st *Stage, c *Command) {
	for i, w := range c.Words {
		if (w.Text == "-o" || w.Text == "-O" || w.Text == "--output" || w.Text == "--output-document") && i+1 < len(c.Words) {
			if at, ok := c.absolute(c.Words[i+1]); ok {
				st.put(c, layer{kind: made, dest: at})
				return
			}
		}
	}
	unpacks(st, c)
}

// clones handles git: clone, fetch, checkout and the like bring foreign sources.
func clones(st *Stage, c *Command) {
	_, rest := c.operands("bcCj")
	if len(rest) == 0 {
		return
	}
	switch rest[0].Text {
	case "config", "describe", "rev-parse", "log", "status", "show", "rev-list", "version", "tag", "diff":
	case "clone":
		if at, ok := c.absolute(rest[len(rest)-1]); ok && len(rest) > 2 {
			st.anywhere(c, at)
			return
		}
		unpacks(st, c)
	default:
		unpacks(st, c)
	}
}

// here handles the tools of other languages: they write below their folder.
func here(st *Stage, c *Command) {
	if c.Dir.Known() {
		st.anywhere(c, c.Dir.Text)
	} else {
		st.anywhere(c, "/")
	}
}

// edits handles sed -i and the like: the named files are not what they were.
func edits(st *Stage, c *Command) {
	_, rest := c.operands("")
	for _, w := range rest {
		if at, ok := c.absolute(w); ok && st.Tree.Lookup(at).Kind != Absent {
			st.put(c, layer{kind: made, dest: at})
			st.passwd(at, fact.Note{At: c.At})
		}
	}
}
