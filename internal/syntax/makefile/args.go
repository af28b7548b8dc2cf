package makefile

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Args are the arguments of make.
type Args struct {
	Dirs     []shell.Word    // -C, in order
	Files    []shell.Word    // -f
	Vars     []shell.Binding // NAME=value; the name may end in ":" or "+" as in NAME:=value
	Targets  []shell.Word
	EnvFirst bool // -e: the environment beats the makefile
	DryRun   bool // -n, -q, -t: recipes do not run
	Always   bool // -B
	Silent   bool // -s
	Ignore   bool // -i
	// Unknown is set where the words cannot be told apart.
	Unknown shell.Reason
}

// IsMake reports whether a program is GNU make, by its name or path.
func IsMake(program string) bool {
	switch path.Base(program) {
	case "make", "gmake":
		return true
	}
	return false
}

// ParseArgs reads the words of a make command, the first of which is its name.
func ParseArgs(words []shell.Word) Args {
	var a Args
	for i := 1; i < len(words); i++ {
		w := words[i]
		switch {
		case w.Many && !assigns(w) || strings.HasPrefix(w.Text, shell.Hole):
			a.Unknown = w.Why
			if a.Unknown.Text == "" {
				a.Unknown = shell.Reason{At: w.At, Text: "an argument of make is not known"}
			}
		case w.Text == "--":
			for _, rest := range words[i+1:] {
				a.operand(rest)
			}
			return a
		case strings.HasPrefix(w.Text, "--"):
			i += a.long(w, words[i+1:])
		case strings.HasPrefix(w.Text, "-") && len(w.Text) > 1:
			i += a.short(w, words[i+1:])
		default:
			a.operand(w)
		}
	}
	return a
}

// assigns reports whether a word begins with NAME=. What stands behind may
// not be known; that it holds blanks, and so several words, is not expected.
func assigns(w shell.Word) bool {
	name, _, ok := strings.Cut(w.Prefix(), "=")
	return ok && name != "" && name[0] != '-'
}

func (a *Args) operand(w shell.Word) {
	if name, value, ok := strings.Cut(w.Text, "="); ok {
		v := w.Value
		v.Text = value
		a.Vars = append(a.Vars, shell.Binding{Name: name, Value: v})
		return
	}
	if w.Text != "" {
		a.Targets = append(a.Targets, w)
	}
}

// long reads --option or --option=value and returns how many of the next words
// belong to it.
func (a *Args) long(w shell.Word, next []shell.Word) int {
	name, value, has := strings.Cut(w.Text, "=")
	arg, used := w, 0
	arg.Text = value
	switch name {
	case "--directory", "--file", "--makefile", "--include-dir", "--old-file", "--assume-old", "--what-if", "--new-file", "--assume-new", "--eval":
		if !has {
			if len(next) == 0 {
				return 0
			}
			arg, used = next[0], 1
		}
	}
	switch name {
	case "--directory":
		a.Dirs = append(a.Dirs, arg)
	case "--file", "--makefile":
		a.Files = append(a.Files, arg)
	case "--environment-overrides":
		a.EnvFirst = true
	case "--just-print", "--dry-run", "--recon", "--question", "--touch", "--help", "--version":
		a.DryRun = true
	case "--always-make":
		a.Always = true
	case "--silent", "--quiet":
		a.Silent = true
	case "--ignore-errors":
		a.Ignore = true
	case "--eval", "--include-dir":
		a.Unknown = shell.Reason{At: w.At, Text: name + " is not followed"}
	}
	return used
}

// short reads a group of one-letter options.
func (a *Args) short(w shell.Word, next []shell.Word) int {
	for i := 1; i < len(w.Text); i++ {
		c := w.Text[i]
		switch c {
		case 'C', 'f', 'I', 'o', 'W', 'E':
			arg, used := w, 0
			arg.Text = w.Text[i+1:]
			if arg.Text == "" {
				if len(next) == 0 {
					return 0
				}
				arg, used = next[0], 1
			}
			a.option(c, arg)
			return used
		case 'j', 'l', 'O', 'd':
			rest := strings.TrimLeft(w.Text[i+1:], "0123456789.")
			if c == 'O' {
				rest = ""
			}
			if (c == 'j' || c == 'l') && i+1 == len(w.Text) && len(next) > 0 && isNumber(next[0].Text) {
				return 1
			}
			i = len(w.Text) - len(rest) - 1
		default:
			a.flag(c)
		}
	}
	return 0
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789.") == "" }

func (a *Args) option(c byte, arg shell.Word) {
	switch c {
	case 'C':
		a.Dirs = append(a.Dirs, arg)
	case 'f':
		a.Files = append(a.Files, arg)
	case 'I', 'E':
		a.Unknown = shell.Reason{At: arg.At, Text: "-" + string(c) + " is not followed"}
	}
}

func (a *Args) flag(c byte) {
	switch c {
	case 'e':
		a.EnvFirst = true
	case 'n', 'q', 't', 'h', 'v':
		a.DryRun = true
	case 'B':
		a.Always = true
	case 's':
		a.Silent = true
	case 'i':
		a.Ignore = true
	}
}

// dir returns the directory after all -C.
func (a *Args) dir(start shell.Value) shell.Value {
	dir := start
	for _, w := range a.Dirs {
		switch {
		case !w.Exact():
			dir = shell.Value{Text: shell.Hole, At: w.At, Why: w.Why}
		case path.IsAbs(w.Text):
			dir = shell.Known(path.Clean(w.Text), w.At)
		case dir.Known():
			dir = shell.Known(path.Join(dir.Text, w.Text), w.At)
		}
	}
	return dir
}

// CallOf returns the call that a command of a shell script makes, and false
// where the command is not make.
func CallOf(c *shell.Command, file func(string) *source.File) (Call, bool) {
	if !c.Words[0].Exact() || !IsMake(c.Words[0].Text) {
		return Call{}, false
	}
	return Call{Dir: c.Dir, Env: c.Env, Args: ParseArgs(c.Words), File: file}, true
}
