package buildplan

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// options are the options and operands of a command, as getopt_long of the C
// library and of busybox reads them: options may stand behind operands, short
// ones may share a dash.
type options struct {
	list     []option
	operands []shell.Word
}

// option is -x or --name. Value is set for those that take one.
type option struct {
	name  string // x or name, without dashes
	value shell.Word
}

// getopt reads the words behind the name of a command. valued lists the options
// that take a value: letters, and names of long options.
func (c *Command) getopt(valued string) options {
	return getopt(c.Words[1:], words(valued))
}

func getopt(list []shell.Word, valued map[string]bool) options {
	var o options
	for i := 0; i < len(list); i++ {
		w := list[i]
		text := w.Prefix()
		switch {
		case text == "--" && w.Exact():
			o.operands = append(o.operands, list[i+1:]...)
			return o
		case strings.HasPrefix(text, "--"):
			i += o.long(w, list[i+1:], valued)
		case len(text) > 1 && text[0] == '-':
			i += o.short(w, list[i+1:], valued)
		default:
			o.operands = append(o.operands, w)
		}
	}
	return o
}

// long takes in --name, --name=value or --name value, and returns how many
// words it took besides its own.
func (o *options) long(w shell.Word, rest []shell.Word, valued map[string]bool) int {
	name, value, given := strings.Cut(w.Text[2:], "=")
	switch {
	case given:
		o.list = append(o.list, option{name, part(w, value)})
	case valued[name] && len(rest) > 0:
		o.list = append(o.list, option{name, rest[0]})
		return 1
	default:
		o.list = append(o.list, option{name: name})
	}
	return 0
}

// short takes in -abc, -xvalue or -x value.
func (o *options) short(w shell.Word, rest []shell.Word, valued map[string]bool) int {
	for n := 1; n < len(w.Text); n++ {
		letter := w.Text[n : n+1]
		switch {
		case !valued[letter]:
			o.list = append(o.list, option{name: letter})
		case n+1 < len(w.Text):
			o.list = append(o.list, option{letter, part(w, w.Text[n+1:])})
			return 0
		case len(rest) > 0:
			o.list = append(o.list, option{letter, rest[0]})
			return 1
		}
	}
	return 0
}

// part is the end of a word.
func part(w shell.Word, text string) shell.Word {
	w.Text = text
	return w
}

// has reports whether one of some options is given.
func (o options) has(names ...string) bool {
	for _, n := range names {
		if _, ok := o.value(n); ok {
			return true
		}
	}
	return false
}

// value returns the value of the last of some options.
func (o options) value(names ...string) (shell.Word, bool) {
	for i := len(o.list) - 1; i >= 0; i-- {
		for _, n := range names {
			if o.list[i].name == n {
				return o.list[i].value, true
			}
		}
	}
	return shell.Word{}, false
}

// known reports whether every operand is one word whose text is known.
func (o options) known() bool {
	for _, w := range o.operands {
		if !w.Exact() {
			return false
		}
	}
	return true
}

// words returns the set of the words in a text.
func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}
