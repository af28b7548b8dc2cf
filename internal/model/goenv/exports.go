package goenv

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// environmentFile stands for the file in $GITHUB_ENV: NAME=value lines that a
// step writes there are in the environment of the steps behind it.
const environmentFile = "/github/env"

// exports collects what a script writes to the environment file.
type exports struct {
	mentions int // of GITHUB_ENV in the script
	read     int // of those, writes that were understood
	lines    []shell.Value
}

// ran looks whether a command writes to the file.
func (x *exports) ran(c commands.Ran) {
	for _, r := range c.Redirects {
		if r.Target.Text != environmentFile {
			continue
		}
		switch name := c.Name(); {
		case name == "echo" && len(c.Words) > 1 && !strings.HasPrefix(c.Words[1].Text, "-"):
			x.echo(c.Words[1:])
		case name == "printf" && len(c.Words) == 2 && !strings.ContainsRune(c.Words[1].Text, '%'):
			x.text(shell.Value{Text: strings.ReplaceAll(c.Words[1].Text, `\n`, "\n"), At: c.Words[1].At, Why: c.Words[1].Why})
		case name == "cat" && len(c.Words) == 1 && c.Stdin != nil:
			x.text(*c.Stdin)
		default:
			return
		}
		x.read++
	}
}

func (x *exports) echo(words []shell.Word) {
	texts := make([]string, len(words))
	v := shell.Value{At: words[0].At.Cover(words[len(words)-1].At)}
	for i, w := range words {
		texts[i] = w.Text
		if w.Many {
			texts[i] = shell.Hole
		}
		if v.Why.Text == "" {
			v.Why = w.Why
		}
	}
	v.Text = strings.Join(texts, " ")
	x.text(v)
}

func (x *exports) text(v shell.Value) {
	for line := range strings.Lines(v.Text) {
		x.lines = append(x.lines, shell.Value{Text: strings.TrimRight(line, "\r\n"), At: v.At, Why: v.Why})
	}
}

// apply returns the environment of the next step. Where not all that was
// written is understood, any variable may be set.
func (x *exports) apply(env *shell.Env, at source.Span) *shell.Env {
	open := x.read < x.mentions
	for _, line := range x.lines {
		name, value, ok := strings.Cut(line.Text, "=")
		if !ok || strings.Contains(name, shell.Hole) || strings.Contains(name, "<<") {
			open = true
			continue
		}
		v := shell.Known(value, line.At)
		if !v.Known() {
			v = shell.Unknown(line.At, line.Why.Text)
		}
		env = env.Export(name, v)
	}
	if open {
		env = openEnv(env, shell.Reason{At: at, Text: "writes to the environment of later steps"})
	}
	return env
}
