package buildplan

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// ShellForm is an instruction whose command is given to a shell, or would be if
// it took effect.
type ShellForm struct {
	*dockerfile.Instruction
	Shell []string // as Stage.Shell
	// Tree are the files when it runs; nil for what a container starts: those at
	// the end.
	Tree *Tree
	// HasShell says of a RUN whether the program of Shell is there by then.
	HasShell fact.Fact[bool]
}

// form keeps an instruction in shell form.
func (st *Stage) form(ins *dockerfile.Instruction) {
	if ins.Command == nil || ins.Command.JSON {
		return
	}
	f := ShellForm{Instruction: ins, Shell: st.Shell}
	if ins.Cmd == "RUN" {
		f.Tree = st.Tree
		if len(st.Shell) > 0 {
			f.HasShell = st.HasProgram(st.Tree, st.Shell[0])
		}
	}
	st.Forms = append(st.Forms, f)
}

// Named is a user and a group as an instruction names them.
type Named struct {
	By          string // USER or --chown
	At          source.Span
	User, Group string // "" where none is named
	// HasUser and HasGroup say whether they exist when they are needed.
	HasUser, HasGroup fact.Fact[bool]

	// Bare says that the image has no files when they are needed: not even an
	// empty /etc/passwd can be looked at.
	Bare bool

	sure fact.Confidence // how sure the names are
}

// names takes in the argument of USER or --chown.
func (st *Stage) names(by string, word *dockerfile.Word, e dockerfile.Expansion, err error) {
	n := Named{By: by, At: word.At, sure: fact.High}
	n.User, n.Group, _ = strings.Cut(e.Text, ":")
	if err != nil || !e.Known {
		n.User, n.Group = "", ""
	}
	if e.Overridable {
		n.sure = fact.Medium
	}
	if by == "USER" {
		st.lastUser = &n
		return
	}
	// BuildKit knows the number of root (parseUID in client/llb/fileop.go), and
	// looks for no file.
	if n.User == "root" {
		n.User = "0"
	}
	if n.Group == "root" {
		n.Group = "0"
	}
	st.Names = append(st.Names, st.settle(n))
}

// checkUser notes whether the user in force exists, since a RUN needs it now.
func (st *Stage) checkUser() {
	if st.lastUser == nil || !st.lastUser.At.Valid() {
		return
	}
	for _, n := range st.Names {
		if n.At == st.lastUser.At {
			return
		}
	}
	st.Names = append(st.Names, st.settle(*st.lastUser))
}

// Starter is the user that a container of the stage starts as, where USER names
// one.
func (st *Stage) Starter() (Named, bool) {
	if st.lastUser == nil {
		return Named{}, false
	}
	return st.settle(*st.lastUser), true
}

func (st *Stage) settle(n Named) Named {
	n.Bare = st.Tree.Bare() && st.Tree.kind == bottomEmpty
	n.HasUser = st.account(n.User, false).AtMost(n.sure)
	n.HasGroup = st.account(n.Group, true).AtMost(n.sure)
	return n
}

// noAccounts are packages that add no user and no group.
var noAccounts = words(`ca-certificates ca-certificates-bundle tzdata curl wget git bash make gcc g++ musl-dev libc6-dev build-base build-essential
	jq yq unzip zip tar gzip xz xz-utils bzip2 openssl gnupg gpg su-exec gosu tini dumb-init coreutils sqlite sqlite-libs sqlite3 libcap libcap2-bin
	shadow iproute2 iptables netbase gcompat libc6-compat libstdc++ libgcc file less nano vim findutils grep sed gawk procps psmisc bind-tools
	dnsutils iputils iputils-ping net-tools netcat-openbsd socat apt-transport-https lsb-release locales python3 nodejs npm upx pkgconf pkg-config`)

// account says whether a user or group exists. A number needs none; no name is
// not known.
func (st *Stage) account(name string, group bool) fact.Fact[bool] {
	if name == "" {
		return fact.Not[bool]()
	}
	if strings.Trim(name, "0123456789") == "" {
		return fact.Of(true, fact.High)
	}
	for _, a := range st.Accounts {
		switch {
		case a.Group != group || a.Name != name && a.Name != "":
		case a.Name == "" || a.Maybe:
			return fact.Not[bool](fact.Note{At: a.At, Text: "may add it"})
		default:
			return fact.Of(true, fact.High, fact.Note{At: a.At, Text: "adds " + name})
		}
	}
	if !st.Image.Known() || len(st.Opaque) > 0 {
		return fact.Not[bool](st.Opaque...)
	}
	for _, in := range st.Installs {
		if !noAccounts[in.Package] {
			return fact.Not[bool](fact.Note{At: in.At, Text: "may add it"})
		}
	}
	file, look := "/etc/passwd", st.Image.Value.User
	if group {
		file, look = "/etc/group", st.Image.Value.Group
	}
	if !st.Tree.Untouched(file) {
		return fact.Not[bool]()
	}
	switch _, there := look(name); there {
	case knowledge.Yes:
		return fact.Then(st.Image, true)
	case knowledge.No:
		return fact.Then(st.Image, false)
	}
	return fact.Not[bool]()
}
