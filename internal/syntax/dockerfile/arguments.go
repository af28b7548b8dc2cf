package dockerfile

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// arguments reads what the arguments mean, and notes the first error BuildKit
// has with them.
func (p *parser) arguments(ins *Instruction) {
	switch ins.Cmd {
	case "FROM":
		p.from(ins)
	case "RUN":
		p.run(ins)
	case "CMD", "ENTRYPOINT":
		if p.command(ins, &ins.Args) {
			p.checkFlags(ins)
		}
	case "SHELL":
		p.shell(ins)
	case "HEALTHCHECK":
		p.health(ins)
	case "COPY", "ADD":
		p.copy(ins)
	case "ENV", "LABEL":
		p.pairs(ins)
	case "ARG":
		p.arg(ins)
	case "EXPOSE":
		ins.Words = blankWords(&ins.Args)
		if p.need(ins, len(ins.Words) > 0, "%s requires at least one argument") {
			p.checkFlags(ins)
		}
	case "VOLUME":
		p.volume(ins)
	case "USER", "WORKDIR", "MAINTAINER", "STOPSIGNAL":
		p.single(ins)
	case "ONBUILD":
		p.onbuild(ins)
	}
}

// need notes the problem, in which %s is the instruction, unless ok.
func (p *parser) need(ins *Instruction, ok bool, format string) bool {
	if !ok {
		p.invalid(ins.At, format, ins.Cmd)
	}
	return ok
}

// flagKind is how often a flag may be given, and with what.
type flagKind int

const (
	unknownFlag flagKind = iota
	boolFlag
	stringFlag
	stringsFlag // may be repeated
)

// flagOf returns the kind of a flag of an instruction.
func flagOf(cmd, name string) flagKind {
	switch cmd + " " + name {
	case "COPY link", "COPY parents", "ADD link", "ADD keep-git-dir", "ADD unpack":
		return boolFlag
	case "FROM platform", "COPY from", "COPY chown", "COPY chmod", "ADD chown", "ADD chmod", "ADD checksum",
		"RUN network", "RUN security", "HEALTHCHECK interval", "HEALTHCHECK timeout",
		"HEALTHCHECK start-period", "HEALTHCHECK start-interval", "HEALTHCHECK retries":
		return stringFlag
	case "COPY exclude", "ADD exclude", "RUN mount", "RUN device":
		return stringsFlag
	}
	return unknownFlag
}

// checkFlags notes the first flag that BuildKit rejects.
func (p *parser) checkFlags(ins *Instruction) bool {
	seen := map[string]bool{}
	for _, f := range ins.Flags {
		if text := flagProblem(flagOf(ins.Cmd, f.Name), f, seen[f.Name]); text != "" {
			p.invalid(f.At, "%s", text)
			return false
		}
		seen[f.Name] = true
	}
	return true
}

func flagProblem(kind flagKind, f Flag, seen bool) string {
	switch {
	case kind == unknownFlag:
		return "unknown flag: --" + f.Name
	case seen && kind != stringsFlag:
		return "duplicate flag specified: --" + f.Name
	case kind == boolFlag && f.HasValue && f.Value.Text == "", kind != boolFlag && !f.HasValue:
		return "missing a value on flag: --" + f.Name
	case kind == boolFlag && f.HasValue && !strings.EqualFold(f.Value.Text, "true") && !strings.EqualFold(f.Value.Text, "false"):
		return fmt.Sprintf("expecting boolean value for flag --%s, not: %s", f.Name, f.Value.Text)
	}
	return ""
}

func (p *parser) from(ins *Instruction) {
	words := blankWords(&ins.Args)
	ins.From = &From{Platform: ins.flagValue("platform")}
	if len(words) > 0 {
		ins.From.Image = words[0]
	}
	switch {
	case len(words) == 3 && strings.EqualFold(words[1].Text, "as"):
		ins.From.Name = words[2]
		if !isStageName(strings.ToLower(words[2].Text)) {
			p.invalid(words[2].At, "invalid name for build stage: %q, name can't start with a number or contain symbols", words[2].Text)
			return
		}
	case len(words) != 1:
		p.invalid(ins.At, "FROM requires either one or three arguments")
		return
	}
	p.checkFlags(ins)
}

// isStageName reports whether a name in lower case matches ^[a-z][a-z0-9-_.]*$.
func isStageName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (i == 0 || !strings.ContainsRune("0123456789-_.", rune(c))) {
			return false
		}
	}
	return name != ""
}

// command reads exec or shell form. It returns false where BuildKit stops.
func (p *parser) command(ins *Instruction, args *source.Joined) bool {
	words, kind := jsonWords(args)
	ins.Command = &Command{JSON: kind == stringArray, Exec: words}
	switch kind {
	case otherArray:
		p.problem(args.Whole(), "when using JSON array syntax, arrays must be comprised of strings only")
	case noArray:
		ins.Command.Shell = *args
		ins.Command.Bracket = strings.HasPrefix(args.Text, "[")
	}
	return kind != otherArray
}

func (p *parser) run(ins *Instruction) {
	ins.Run = &Run{Network: "default", Security: "sandbox"}
	ok := p.command(ins, &ins.Args)
	withHeredocs(ins)
	for i := range ins.Flags {
		switch f := &ins.Flags[i]; f.Name {
		case "mount":
			ins.Run.Mounts = append(ins.Run.Mounts, p.mount(f))
		case "network":
			ins.Run.Network = f.Value.Text
		case "security":
			ins.Run.Security = f.Value.Text
		}
	}
	if ok && p.checkFlags(ins) {
		if at, text := ins.runProblem(); text != "" {
			p.invalid(at, "%s", text)
		}
	}
}

// runProblem returns the first thing BuildKit rejects in the flags of a RUN.
func (i *Instruction) runProblem() (source.Span, string) {
	for _, m := range i.Run.Mounts {
		if m.err != "" {
			return m.At, m.err
		}
	}
	if n := i.Run.Network; n != "default" && n != "none" && n != "host" {
		return i.Flag("network").At, fmt.Sprintf("invalid network mode %q", n)
	}
	if s := i.Run.Security; s != "insecure" && s != "sandbox" {
		return i.Flag("security").At, fmt.Sprintf("security %q is not valid", s)
	}
	for _, m := range i.Run.Mounts {
		if m.late != "" {
			return m.At, m.late
		}
	}
	return source.Span{}, ""
}

func (p *parser) shell(ins *Instruction) {
	switch {
	case !p.command(ins, &ins.Args) || !p.checkFlags(ins):
	case !ins.Command.JSON && ins.Args.Text != "":
		p.invalid(ins.At, "SHELL requires the arguments to be in JSON form")
	case len(ins.Command.Exec) == 0:
		p.invalid(ins.At, "SHELL requires at least one argument")
	}
}

func (p *parser) health(ins *Instruction) {
	text := ins.Args.Text
	end := 0
	for end < len(text) && !isByteSpace(text[end]) {
		end++
	}
	if !p.need(ins, end > 0, "%s requires at least one argument") {
		return
	}
	ins.Health = &Health{Type: word(&ins.Args, 0, end)}
	rest := end
	for rest < len(text) && isByteSpace(text[rest]) {
		rest++
	}
	args := ins.Args.Slice(rest, len(text))
	if !p.command(ins, args) {
		return
	}
	switch kind := strings.ToUpper(text[:end]); {
	case kind == "NONE":
		ins.Health.None = true
		if len(ins.Command.Exec) > 0 || ins.Command.Shell.Text != "" {
			p.invalid(args.Whole(), "HEALTHCHECK NONE takes no arguments")
		}
		ins.Command = nil
	case !p.checkFlags(ins):
	case kind != "CMD":
		p.invalid(ins.Health.Type.At, "Unknown type %q in HEALTHCHECK (try CMD)", kind)
	case len(ins.Command.Exec) == 0 && ins.Command.Shell.Text == "":
		p.invalid(ins.At, "Missing command after HEALTHCHECK CMD")
	default:
		p.checkIntervals(ins)
	}
}

// checkIntervals checks the flags of a HEALTHCHECK in BuildKit's order.
func (p *parser) checkIntervals(ins *Instruction) {
	for _, name := range []string{"interval", "timeout", "start-period", "start-interval"} {
		f := ins.Flag(name)
		if f == nil || f.Value.Text == "" {
			continue
		}
		switch d, err := time.ParseDuration(f.Value.Text); {
		case err != nil:
			p.invalid(f.At, "%s", err)
			return
		case d != 0 && d < time.Millisecond:
			p.invalid(f.At, "Interval %q cannot be less than %s", name, time.Millisecond)
			return
		}
	}
	f := ins.Flag("retries")
	if f == nil || f.Value.Text == "" {
		return
	}
	n, err := strconv.ParseInt(f.Value.Text, 10, 32)
	if err == nil && n < 0 {
		err = fmt.Errorf("--retries cannot be negative (%d)", n)
	}
	if err != nil {
		p.invalid(f.At, "%s", err)
	}
}

func (p *parser) copy(ins *Instruction) {
	c := &Copy{
		From:    ins.flagValue("from"),
		Chown:   ins.flagValue("chown"),
		Chmod:   ins.flagValue("chmod"),
		Link:    ins.Flag("link").On(),
		Parents: ins.Flag("parents").On(),
	}
	ins.Copy = c
	for _, f := range ins.Flags {
		if f.Name == "exclude" {
			c.Exclude = append(c.Exclude, f.Value)
		}
	}
	words, kind := p.list(ins)
	if kind == otherArray {
		return
	}
	c.JSON = kind == stringArray
	if n := len(words) - 1; n >= 0 {
		c.Dest = words[n]
		c.sources(ins, words[:n])
	}
	switch {
	case !p.need(ins, len(words) > 1, "%s requires at least two arguments, but only one was provided. Destination could not be determined"):
	case !p.checkFlags(ins):
	case delimiter(&c.Dest.Joined) != nil:
		p.invalid(c.Dest.At, "%s cannot accept a heredoc as a destination", ins.Cmd)
	}
}

// sources tells paths from heredocs.
func (c *Copy) sources(ins *Instruction, words []Word) {
	byName := map[string]*Heredoc{}
	for _, h := range ins.Heredocs {
		byName[h.Name] = h
	}
	for i := range words {
		h := delimiter(&words[i].Joined)
		if h == nil {
			c.Sources = append(c.Sources, words[i])
			continue
		}
		if read := byName[h.Name]; read != nil { // none in JSON form
			h.Body, h.End = read.Body, read.End
		}
		c.Files = append(c.Files, h)
	}
}

// list reads a JSON array or, where it is none, words between blanks.
func (p *parser) list(ins *Instruction) ([]Word, arrayKind) {
	words, kind := jsonWords(&ins.Args)
	switch kind {
	case otherArray:
		p.problem(ins.Args.Whole(), "when using JSON array syntax, arrays must be comprised of strings only")
	case noArray:
		words = blankWords(&ins.Args)
	}
	return words, kind
}

// pairs reads the arguments of ENV and LABEL: name=value ..., or name value.
func (p *parser) pairs(ins *Instruction) {
	words := p.quotedWords(&ins.Args)
	if len(words) > 0 && !strings.Contains(words[0].Text, "=") {
		p.legacyPair(ins)
		return
	}
	var blankName *Pair
	for i := range words {
		pair := newPair(&words[i])
		if !pair.HasValue {
			p.problem(pair.At, "Syntax error - can't find = in %q. Must be of the form: name=value", string([]rune(words[i].Text)))
			return
		}
		ins.Pairs = append(ins.Pairs, pair)
		if blankName == nil && pair.Key.Text == "" {
			blankName = &pair
		}
	}
	switch {
	case !p.checkFlags(ins) || !p.need(ins, len(words) > 0, "%s requires at least one argument"):
	case blankName != nil:
		p.invalid(blankName.At, "%s names can not be blank", ins.Cmd)
	}
}

// legacyPair reads `ENV name value`, where the value is the rest of the line.
func (p *parser) legacyPair(ins *Instruction) {
	text := ins.Args.Text
	end := 0
	for end < len(text) && !isBlank(text[end]) {
		end++
	}
	value := end
	for value < len(text) && isBlank(text[value]) {
		value++
	}
	if value == end {
		p.problem(ins.At, "%s must have two arguments", ins.Cmd)
		return
	}
	ins.Pairs = []Pair{{
		At:       ins.Args.Whole(),
		Key:      word(&ins.Args, 0, end),
		Value:    word(&ins.Args, value, len(text)),
		HasValue: true,
		Legacy:   true,
	}}
	p.checkFlags(ins)
}

// newPair splits a word at its first equals sign.
func newPair(w *Word) Pair {
	i := strings.IndexByte(w.Text, '=')
	if i < 0 {
		return Pair{At: w.At, Key: *w}
	}
	return Pair{At: w.At, Key: word(&w.Joined, 0, i), Value: w.part(i+1, len(w.Text)), HasValue: true}
}

// arg reads an ARG, whose flags BuildKit does not look at.
func (p *parser) arg(ins *Instruction) {
	words := p.quotedWords(&ins.Args)
	p.need(ins, len(words) > 0, "%s requires at least one argument")
	for i := range words {
		pair := newPair(&words[i])
		if pair.Key.Text == "" {
			p.invalid(pair.At, "ARG names can not be blank")
			return
		}
		ins.Pairs = append(ins.Pairs, pair)
	}
}

func (p *parser) volume(ins *Instruction) {
	var kind arrayKind
	ins.Words, kind = p.list(ins)
	if kind == otherArray || !p.need(ins, len(ins.Words) > 0, "%s requires at least one argument") || !p.checkFlags(ins) {
		return
	}
	for i := range ins.Words {
		w := &ins.Words[i]
		start, end := trimSpace(w.Text, 0, len(w.Text))
		if start == end {
			p.invalid(w.At, "VOLUME specified can not be an empty string")
			return
		}
		w.Joined = *w.Slice(start, end)
	}
}

// single reads an instruction with one argument: the rest of the line.
func (p *parser) single(ins *Instruction) {
	if !p.need(ins, ins.Args.Text != "", "%s requires exactly one argument") {
		return
	}
	ins.Words = []Word{{Joined: ins.Args, At: ins.Args.Whole()}}
	if ins.Cmd != "STOPSIGNAL" { // whose flags BuildKit does not look at
		p.checkFlags(ins)
	}
}

func (p *parser) onbuild(ins *Instruction) {
	if t := ins.Trigger; t != nil {
		inner := *p
		inner.depth++
		t.Heredocs = ins.Heredocs
		inner.arguments(t)
	}
	if !p.need(ins, ins.Args.Text != "", "%s requires at least one argument") || !p.checkFlags(ins) || ins.Trigger == nil {
		return
	}
	switch t := ins.Trigger; t.Cmd {
	case "ONBUILD":
		p.invalid(t.Keyword, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
	case "MAINTAINER", "FROM":
		p.invalid(t.Keyword, "%s isn't allowed as an ONBUILD trigger", t.Cmd)
	}
}
