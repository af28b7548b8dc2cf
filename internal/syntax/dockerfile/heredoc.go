package dockerfile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// heredocs reads the bodies of the here-documents that an instruction opens.
func (p *parser) heredocs(ins *Instruction, line *source.Joined) {
	taker := ins
	if ins.Trigger != nil {
		taker = ins.Trigger
	}
	if taker.Cmd != "RUN" && taker.Cmd != "COPY" && taker.Cmd != "ADD" || !strings.Contains(line.Text, "<<") {
		return
	}
	if _, kind := jsonWords(&taker.Args); kind != noArray {
		return
	}
	for _, w := range rawWords(line) {
		h, err := parseDelimiter(w.Text)
		if err != nil {
			p.problem(w.At, "%s", err)
			return
		}
		if h == nil {
			continue
		}
		h.At = w.At
		ins.Heredocs = append(ins.Heredocs, h)
		if !p.body(h) {
			p.problem(h.At, "unterminated heredoc")
		}
		ins.At = ins.At.Cover(h.Body).Cover(h.End)
	}
	taker.Heredocs, taker.At = ins.Heredocs, taker.At.Cover(source.Span{File: ins.At.File, Start: taker.At.Start, End: ins.At.End})
}

// body reads the lines up to the delimiter. Without one they go to the end of
// the file, as BuildKit reads them before it gives up.
func (p *parser) body(h *Heredoc) (closed bool) {
	from := p.pos
	for p.pos < len(p.data) {
		start, end := p.next()
		first := start
		for h.Strip && first < end && p.data[first] == '\t' {
			first++
		}
		if string(p.data[first:end]) == h.Name {
			h.Body = p.out.Source.Span(from, start)
			h.End = p.out.Source.Span(first, end)
			return true
		}
	}
	h.Body = p.out.Source.Span(from, p.pos)
	return false
}

// delimiter reads a word as the start of a heredoc, or returns nil.
func delimiter(w *source.Joined) *Heredoc {
	h, err := parseDelimiter(w.Text)
	if err != nil || h == nil {
		return nil
	}
	h.At = w.Whole()
	return h
}

// parseDelimiter reads the operator << or <<-, behind digits for the file
// descriptor, and the delimiter: one shell word without <. It returns nil for
// anything else.
func parseDelimiter(text string) (*Heredoc, error) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, "0123456789"), "<<")
	if !ok {
		return nil, nil
	}
	rest, strip := strings.CutPrefix(rest, "-")
	rest = strings.TrimLeft(rest, blanks)
	if rest == "" || strings.Contains(rest, "<") {
		return nil, nil
	}
	plain := &lexer{text: rest, escape: '\\', keepUnset: true, wantWords: true}
	if err := plain.run(); err != nil || len(plain.words) != 1 {
		return nil, err
	}
	raw := &lexer{text: rest, escape: '\\', keepUnset: true, wantWords: true, rawQuotes: true}
	if err := raw.run(); err != nil || len(raw.words) != 1 {
		return nil, err
	}
	name := plain.words[0].text
	return &Heredoc{Name: name, Strip: strip, Expand: quotes(name) == quotes(raw.words[0].text)}, nil
}

func quotes(s string) int { return strings.Count(s, `'`) + strings.Count(s, `"`) }

// rawWords splits a line as BuildKit does to find heredocs: into shell words
// that keep quotes, escapes and variables. A line that the lexer rejects has
// none.
func rawWords(line *source.Joined) []Word {
	l := &lexer{text: line.Text, escape: '\\', keepUnset: true, wantWords: true, rawQuotes: true, rawEscapes: true}
	if err := l.run(); err != nil {
		return nil
	}
	words := make([]Word, 0, len(l.words))
	for _, w := range l.words {
		word := Word{At: line.Span(w.start, w.end)}
		word.AppendAs(w.text, word.At)
		words = append(words, word)
	}
	return words
}

// withHeredocs completes the command of a RUN: a heredoc that is all of it is
// the script, others follow the command line for the shell to read.
func withHeredocs(ins *Instruction) {
	if len(ins.Heredocs) == 0 || ins.Command.JSON {
		return
	}
	cmd := ins.Command
	if delimiter(&ins.Args) != nil {
		cmd.Script = ins.Heredocs[0]
		cmd.Shell = cmd.Script.Text()
		return
	}
	cmd.Shell = *ins.Args.Slice(0, len(ins.Args.Text))
	for _, h := range ins.Heredocs {
		whole := cmd.Shell.Whole()
		cmd.Shell.AppendAs("\n", whole.Sub(whole.Len(), whole.Len()))
		cmd.Shell.Append(h.Body)
		if h.End.Valid() {
			cmd.Shell.AppendAs(h.Name, h.End)
		}
	}
}
