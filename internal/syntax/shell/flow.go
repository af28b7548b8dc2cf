package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// part is one command of an && and || list with the operator before it.
type part struct {
	or   bool
	stmt *syntax.Stmt
}

// andOrParts flattens a list, which the parser nests to the left.
func andOrParts(c *syntax.BinaryCmd) []part {
	var reversed []part
	for {
		reversed = append(reversed, part{c.Op == syntax.OrStmt, c.Y})
		left, ok := c.X.Cmd.(*syntax.BinaryCmd)
		if !ok || len(c.X.Redirs) > 0 || c.X.Negated || (left.Op != syntax.AndStmt && left.Op != syntax.OrStmt) {
			reversed = append(reversed, part{stmt: c.X})
			break
		}
		c = left
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return reversed
}

// paths are the states of an && and || list: good if it succeeded so far, bad
// if a condition in it failed, broken if a command failed that is meant to
// succeed. A nil state cannot be.
type paths struct {
	m           *machine
	fork        *Env
	good        *State
	bad, broken *State
	conditional bool // good is not certain
	certain     bool // no command that could fail was part of it
	fallback    bool // an || follows, so that broken matters
}

func (m *machine) andOr(st *State, c *syntax.BinaryCmd) status {
	parts := andOrParts(c)
	p := &paths{m: m, fork: st.Env, certain: true}
	from, before := len(m.trace.Commands), st.fork()
	lastOr := 0
	for i, next := range parts {
		if next.or {
			lastOr = i
		}
	}
	p.fallback = lastOr > 0
	r := m.stmt(st, parts[0].stmt)
	p.after(before, st, r, m.script.span(parts[0].stmt))
	for i, next := range parts[1:] {
		at := m.script.span(parts[i].stmt)
		start := len(m.trace.Commands)
		m.lastOfList, p.fallback = start, i+1 < lastOr
		if next.or {
			m.or(p, next.stmt, at, from, start)
		} else if p.good != nil && p.good.left == 0 {
			m.and(p, next.stmt, at)
		}
	}
	return p.result(st, m.script.span(c))
}

// after sorts the state behind a command by its status.
func (p *paths) after(before, st *State, r status, at source.Span) {
	now := st.fork()
	switch r {
	case success:
		p.good = now
	case failure:
		p.bad, p.good = p.joined(p.bad, now, at), nil
	case open:
		p.good, p.conditional, p.certain = now, true, false
		p.bad = p.joined(p.bad, now.fork(), at)
	default:
		p.good, p.certain = now, false
		if now.left == 0 && p.fallback {
			p.broken = p.joined(p.broken, p.joined(before, now, at), at)
		}
	}
}

func (p *paths) joined(a, b *State, at source.Span) *State {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	out := a.fork()
	p.m.join(out, a, b, p.fork, at)
	return out
}

func (m *machine) and(p *paths, s *syntax.Stmt, at source.Span) {
	st := p.good
	before := st.fork()
	var r status
	if p.conditional {
		r = m.onBranch(at, 0, func() status { return m.stmt(st, s) })
	} else {
		r = m.stmt(st, s)
	}
	p.after(before, st, r, m.script.span(s))
}

func (m *machine) or(p *paths, s *syntax.Stmt, at source.Span, from, start int) {
	st := p.joined(p.bad, p.broken, at)
	if st == nil || st.left != 0 {
		return
	}
	good, wasConditional := p.good, p.conditional
	q := &paths{m: m, fork: p.fork, certain: true, fallback: p.fallback}
	before := st.fork()
	var r status
	if good != nil {
		r = m.onBranch(at, 1, func() status { return m.stmt(st, s) })
	} else {
		r = m.stmt(st, s)
	}
	q.after(before, st, r, m.script.span(s))
	if st.left&(leftFailing|leftReturn) == 0 {
		m.ignoreStatus(from, start)
	}
	p.good, p.bad, p.broken = p.joined(good, q.good, at), q.bad, q.broken
	p.conditional = wasConditional && (r == open || r == failure)
	if good == nil {
		p.conditional = r == open
	}
	p.certain = p.certain && q.certain
}

// result is the state behind the list. A command that is meant to succeed did.
func (p *paths) result(st *State, at source.Span) status {
	switch {
	case p.good == nil:
		*st = *p.bad
		return failure
	case p.bad == nil:
		*st = *p.good
		if p.certain {
			return success
		}
		return expected
	}
	*st = *p.joined(p.good, p.bad, at)
	return open
}

// pipeline evaluates a | b: each in a subshell of its own.
func (m *machine) pipeline(st *State, c *syntax.BinaryCmd) status {
	stages := []*syntax.Stmt{c.Y}
	for {
		left, ok := c.X.Cmd.(*syntax.BinaryCmd)
		if !ok || len(c.X.Redirs) > 0 || c.X.Negated || (left.Op != syntax.Pipe && left.Op != syntax.PipeAll) {
			stages = append(stages, c.X)
			break
		}
		c = left
		stages = append(stages, c.Y)
	}
	outer, outerPiped := m.capture, m.piped
	result, weakest := success, success
	printed := Hole
	for i := len(stages) - 1; i >= 0; i-- {
		from := len(m.trace.Commands)
		m.piped = outerPiped || i < len(stages)-1
		m.capture = nil
		if outer != nil && i == len(stages)-1 {
			m.capture = &capture{depth: len(m.branch), maybe: st.maybe}
		}
		result = m.subshell(st, func(in *State) status { return m.stmt(in, stages[i]) })
		printed = m.passedOn(printed, stages[i], from)
		if i > 0 && st.Opts.PipeFail != Yes {
			m.ignoreStatus(from, len(m.trace.Commands))
		}
		if result != success && weakest != open {
			weakest = result
		}
	}
	m.capture, m.piped = outer, outerPiped
	m.emit(st, Value{Text: printed})
	if st.Opts.PipeFail != No {
		return weakest
	}
	return result
}

// passedOn is what a stage of a pipeline prints, of which the commands from an
// index on are its own: what was captured of the first one, and what a filter
// makes of its input.
func (m *machine) passedOn(input string, stage *syntax.Stmt, from int) string {
	_, simple := stage.Cmd.(*syntax.CallExpr)
	switch {
	case m.capture != nil:
		return m.capture.text.String()
	case simple && len(stage.Redirs) == 0 && len(m.trace.Commands) == from+1 && !strings.Contains(input, Hole):
		if text, known := filter(&m.trace.Commands[from], input); known {
			return text
		}
	}
	return Hole
}

func (m *machine) ifClause(st *State, c *syntax.IfClause) status {
	if !c.ThenPos.IsValid() || len(c.Cond) == 0 { // else
		return m.stmts(st, c.Then)
	}
	before, fork, from := st.fork(), st.Env, len(m.trace.Commands)
	r := m.stmts(st, c.Cond)
	m.ignoreStatus(from, len(m.trace.Commands))
	if st.left != 0 {
		return r
	}
	at := m.script.span(c.Cond[len(c.Cond)-1])
	no := func(st *State) status {
		if c.Else == nil {
			return success
		}
		return m.ifClause(st, c.Else)
	}
	switch r {
	case success:
		return m.stmts(st, c.Then)
	case failure:
		return no(st)
	}
	other := st.fork()
	if r == expected {
		m.join(other, before, st.fork(), fork, at)
	}
	yes := m.onBranch(at, 0, func() status { return m.stmts(st, c.Then) })
	otherwise := m.onBranch(at, 1, func() status { return no(other) })
	m.join(st, st.fork(), other, fork, at)
	if yes == otherwise {
		return yes
	}
	return open
}

func (m *machine) whileClause(st *State, c *syntax.WhileClause) status {
	at := m.script.span(c)
	if len(c.Cond) > 0 {
		at = m.script.span(c.Cond[len(c.Cond)-1])
	}
	cond := func(st *State) status {
		from := len(m.trace.Commands)
		r := m.stmts(st, c.Cond)
		m.ignoreStatus(from, len(m.trace.Commands))
		if c.Until {
			return r.not()
		}
		return r
	}
	iterate := func(st *State) status {
		return m.collect(st, leftContinue, at, func() status { return m.stmts(st, c.Do) })
	}
	return m.collect(st, leftBreak, at, func() status {
		result := success
		for range maxItems {
			r := cond(st)
			if r == failure || st.left != 0 || m.stopped() {
				return result
			}
			if r != success {
				break
			}
			result = iterate(st)
			if st.left != 0 {
				return success
			}
		}
		m.repeat(st, at, func(st *State) {
			iterate(st)
			if st.left == 0 {
				cond(st)
			}
		})
		return open
	})
}

// repeat evaluates a loop whose number of rounds is not known: it forgets what
// a round may change until nothing more changes.
func (m *machine) repeat(st *State, at source.Span, round func(*State)) {
	fork := st.Env
	steady := false
	for n := 0; n < 4 && !steady && !m.stopped(); n++ {
		probe, known := st.fork(), len(m.trace.Commands)
		m.onBranch(at, 0, func() status { round(probe); return open })
		m.trace.Commands = m.trace.Commands[:min(known, len(m.trace.Commands))]
		before := st.fork()
		m.join(st, before, probe, fork, at)
		steady = sameState(before, st, fork)
	}
	if !steady {
		st.havoc(Reason{At: at, Text: "what the loop leaves behind is not known"})
		fork = st.Env
	}
	last := st.fork()
	m.onBranch(at, 0, func() status { round(last); return open })
	m.join(st, st.fork(), last, fork, at)
}

func sameState(a, b *State, fork *Env) bool {
	names, ok := b.Env.since(fork)
	if !ok {
		return a.Env == b.Env
	}
	for _, name := range names {
		x, y := a.Env.Get(name), b.Env.Get(name)
		if x.Text != y.Text || x.Set != y.Set || x.Exported != y.Exported {
			return false
		}
	}
	sameArgs := len(a.Args) == len(b.Args)
	for i := range a.Args {
		sameArgs = sameArgs && sameWord(a.Args[i], b.Args[i])
	}
	return sameArgs && a.Dir.Text == b.Dir.Text && a.Opts == b.Opts && a.funcs == b.funcs && a.maybe == b.maybe
}

func (m *machine) forClause(st *State, c *syntax.ForClause) status {
	at := m.script.span(c.Loop)
	body := func(st *State) status {
		return m.collect(st, leftContinue, at, func() status { return m.stmts(st, c.Do) })
	}
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok {
		m.assignedWithin(st, c.Loop)
		return m.collect(st, leftBreak, at, func() status {
			m.repeat(st, at, func(st *State) { body(st); m.assignedWithin(st, c.Loop) })
			return open
		})
	}
	var items []Word
	if iter.InPos.IsValid() {
		items = m.words(st, iter.Items)
	} else {
		items = st.Args
	}
	name := iter.Name.Value
	if c.Select || len(items) > maxItems || anyMany(items) {
		return m.collect(st, leftBreak, at, func() status {
			m.repeat(st, at, func(st *State) {
				m.assignLoop(st, name, Unknown(at, "it depends on the round of the loop"))
				body(st)
			})
			return open
		})
	}
	return m.collect(st, leftBreak, at, func() status {
		result := success
		for i, item := range items {
			m.assignLoop(st, name, item.Value)
			from := len(m.trace.Commands)
			if result = body(st); st.left != 0 || m.stopped() {
				break
			}
			if i < len(items)-1 && st.Opts.ErrExit != Yes {
				m.ignoreStatus(from, len(m.trace.Commands))
			}
		}
		return result
	})
}

// assignLoop assigns the variable of a for loop, which mksh does not export
// under set -a.
func (m *machine) assignLoop(st *State, name string, value Value) {
	before := st.Env.Get(name).Exported
	m.assign(st, name, value)
	if v := st.Env.Get(name); m.script.Dialect == MirBSDKorn && v.Exported != before {
		v.Exported = Maybe
		st.set(name, v)
	}
}

func anyMany(words []Word) bool {
	for _, w := range words {
		if w.Many {
			return true
		}
	}
	return false
}

func (m *machine) caseClause(st *State, c *syntax.CaseClause) status {
	value, at := m.value(st, c.Word), m.script.span(c.Word)
	fork, start := st.Env, st.fork()
	var arms []*State
	ended, result := false, open
	for i, item := range c.Items {
		match := No
		for _, p := range item.Patterns {
			match = max(match, m.pattern(st, p).match(value))
		}
		fell := anyFallthrough(c.Items[:i])
		if match == No && item.Op == syntax.Break && !fell {
			continue
		}
		arm := start.fork()
		if len(arms) == 0 && match == Yes && item.Op == syntax.Break {
			*st = *arm
			return m.stmts(st, item.Stmts)
		}
		for _, earlier := range arms {
			if fell {
				m.join(arm, arm.fork(), earlier, fork, at)
			}
		}
		m.onBranch(at, i, func() status { return m.stmts(arm, item.Stmts) })
		arms = append(arms, arm)
		if match == Yes && item.Op == syntax.Break {
			ended = true
			break
		}
	}
	if len(arms) == 0 {
		return success
	}
	if !ended {
		arms = append(arms, start)
	}
	*st = *arms[0]
	for _, arm := range arms[1:] {
		m.join(st, st.fork(), arm, fork, at)
	}
	return result
}

func anyFallthrough(items []*syntax.CaseItem) bool {
	for _, item := range items {
		if item.Op != syntax.Break {
			return true
		}
	}
	return false
}

func (m *machine) declare(st *State, c *syntax.FuncDecl) status {
	if c.Name == nil {
		return success
	}
	if st.funcs.size() >= maxFuncs {
		m.stop(st, Reason{At: m.script.span(c), Text: "the script has too many functions to be followed"})
		return success
	}
	f := &function{body: c.Body, script: m.script, at: m.script.span(c)}
	st.funcs = st.funcs.with(c.Name.Value, f)
	m.steps += st.funcs.size() / 8
	return success
}
