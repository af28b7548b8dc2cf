package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Runner evaluates scripts.
type Runner struct {
	// File returns the file of the repository that stands at an absolute path
	// when the script runs, or nil where there is none or it is not known. A
	// nil func knows no files.
	File func(path string) *source.File
	// Prints returns what a command prints that is not looked into, and whether
	// that is known. It may be nil.
	Prints func(c *Command) (text string, known bool)
}

// Trace is what a script does.
type Trace struct {
	Commands []Command // in the order in which they run
	Assigns  []*Assign // assignments to variables of the shell, in the order in which they are first made
	End      State     // what is left behind; the next line of a .ONESHELL recipe or an exec'd command sees it
	Stop     Reason    // set where the evaluation ended early: the script does not parse or is too complex
	Steps    int       // how much work the evaluation was: statements, words, and variables compared

	assigned map[assignKey]*Assign
}

// Assign is an assignment to a variable that was not exported at that moment.
type Assign struct {
	Name     string
	Value    Value
	At       source.Span
	Expanded bool // the script looks at the variable later

	exported bool
}

// Dead returns the assignments that never reach the environment of a command:
// the variable is not exported when it gets the value nor later on.
func (t *Trace) Dead() []Assign {
	var dead []Assign
	for _, a := range t.Assigns {
		if !a.exported {
			dead = append(dead, *a)
		}
	}
	return dead
}

// Command is one simple command that runs, or may run.
type Command struct {
	Words   []Word        // at least one; wrappers such as env are taken off
	Via     []string      // the wrappers, outermost first: env, sudo, exec, sh …
	Scripts []*ScriptCall // the scripts that were started by their paths and lead to it, outermost first
	Assigns []Binding     // NAME=value in front of it
	Env     *Env          // Getenv says what the command sees
	Dir     Value         // its working directory
	At      source.Span

	// Branches are the decisions on which it depends, outermost first.
	// Commands with the same decision and different arms exclude each other.
	Branches []Branch
	// Conditional is set where it is not certain that the command runs, even
	// when all commands before it succeed.
	Conditional bool

	PipedInto     bool // its standard input is the output of another command
	Substituted   bool // its output becomes part of a word
	StatusIgnored bool // when it fails, the script goes on
	Redirects     []Redirect
	Stdin         *Value // the text of its here-document or here-string

	// Opaque is set where the command may run others that the trace does not
	// list: eval, a script that cannot be read, a name that is not known.
	Opaque Reason
}

// Getenv returns a variable as the command sees it.
func (c *Command) Getenv(name string) Var { return c.Env.Getenv(name) }

// Binding is a variable and the value it is given.
type Binding struct {
	Name  string
	Value Value
}

// ScriptCall is the start of a script by its path, so that the kernel looks at
// its first line.
type ScriptCall struct {
	At   source.Span // the word that names it
	Path string      // absolute
	File *source.File
	// Conditional and StatusIgnored are those of Command.
	Conditional, StatusIgnored bool
}

// Branch is one way out of a decision.
type Branch struct {
	At  source.Span // the condition
	Arm int         // which way, from 0
}

// Redirect is a redirection, such as > file.
type Redirect struct {
	Op     string
	Target Word
	At     source.Span
}

// Bounds of the evaluation. Beyond them the trace stops and all is unknown.
const (
	maxSteps    = 60_000 // statements, words, and variables compared
	maxCommands = 10_000
	maxDepth    = 200 // nested statements
	maxCalls    = 24  // nested functions and scripts
	maxItems    = 64  // iterations of a loop that are run one by one
	maxFuncs    = 512
	maxText     = 64 << 10 // bytes of a value
)

type status uint8

const (
	expected status = iota // not known, success is what is meant to happen
	success
	failure
	open // a condition: either is fine
)

func (s status) not() status {
	switch s {
	case success:
		return failure
	case failure:
		return success
	}
	return open
}

// machine is one evaluation.
type machine struct {
	run     *Runner
	trace   *Trace
	script  *Script // to which the nodes belong that are evaluated
	steps   int
	depth   int
	calls   int
	frames  []*frame
	via     []string
	scripts []*ScriptCall
	branch  []Branch
	capture *capture
	piped   bool
	subst   bool

	substituted int    // number of command substitutions evaluated
	substStatus status // of the last of them
	forgotten   int    // number of assignments about which nothing is claimed any more
	lastOfList  int    // number of commands before the last part of the && and || list that was just evaluated
}

// frame collects the states in which a function, loop or script was left.
type frame struct {
	kind   leave // which ways out end here
	at     source.Span
	states []*State
}

// Run evaluates a script that starts in a state.
func (r *Runner) Run(s *Script, st State) *Trace {
	m := &machine{run: r, trace: &Trace{assigned: map[assignKey]*Assign{}}}
	if st.Env == nil {
		st.Env = NewEnv(Var{})
	}
	if s.path == "" && st.Name.Known() && path.IsAbs(st.Name.Text) {
		s.path = st.Name.Text
	}
	m.inScript(&st, s)
	st.left, st.maybe = 0, 0
	m.trace.End, m.trace.Steps = st, m.steps
	return m.trace
}

// inScript evaluates a script in a state of its own process or, for ".", in
// that of the caller.
func (m *machine) inScript(st *State, s *Script) status {
	if s.file == nil {
		why := Reason{At: s.Text.Whole(), Text: "the script does not parse"}
		if len(s.Problems) > 0 {
			why.At = s.Problems[len(s.Problems)-1].At
		}
		m.stop(st, why)
		return expected
	}
	outer := m.script
	m.script = s
	result := m.stmts(st, s.file.Stmts)
	m.script = outer
	return result
}

func (m *machine) stopped() bool { return m.trace.Stop.Text != "" }

func (m *machine) stop(st *State, why Reason) {
	if !m.stopped() {
		m.trace.Stop = why
	}
	st.havoc(why)
	m.forget()
}

// forget gives up what is claimed about assignments: something that cannot be
// followed may have exported them.
func (m *machine) forget() {
	for _, a := range m.trace.Assigns[m.forgotten:] {
		a.exported, a.Expanded = true, true
	}
	m.forgotten = len(m.trace.Assigns)
}

// parse parses a script that another one runs. The work counts, since a script
// may be run many times.
func (m *machine) parse(text *source.Joined, d Dialect) *Script {
	m.steps += 10 + len(text.Text)/32
	return Parse(text, d)
}

// parseFile is parse for a file, at the same price whether or not it was parsed
// before.
func (m *machine) parseFile(f *source.File, d Dialect) *Script {
	m.steps += 10 + len(f.Data())/32
	return ParseFile(f, d)
}

// step counts work and reports whether to go on.
func (m *machine) step(st *State, at syntax.Node) bool {
	m.steps++
	if m.stopped() {
		return false
	}
	if m.steps > maxSteps || m.depth > maxDepth || len(m.trace.Commands) > maxCommands {
		m.stop(st, Reason{At: m.script.span(at), Text: "the script is too complex to be followed"})
		return false
	}
	return true
}

// stmts evaluates a list. Without set -e only the status of its last command
// counts.
func (m *machine) stmts(st *State, list []*syntax.Stmt) status {
	result := success
	for i, s := range list {
		if st.left != 0 || m.stopped() {
			break
		}
		from := len(m.trace.Commands)
		result = m.stmt(st, s)
		if i == len(list)-1 || st.left != 0 {
			break
		}
		switch binary, ok := s.Cmd.(*syntax.BinaryCmd); {
		case st.Opts.ErrExit != Yes:
			m.ignoreStatus(from, len(m.trace.Commands))
		case ok && (binary.Op == syntax.AndStmt || binary.Op == syntax.OrStmt):
			m.ignoreStatus(from, m.lastOfList) // of a && b, set -e looks at b
		}
	}
	return result
}

// ignoreStatus marks commands, given by their numbers.
func (m *machine) ignoreStatus(from, to int) {
	for i := from; i < min(to, len(m.trace.Commands)); i++ {
		c := &m.trace.Commands[i]
		c.StatusIgnored = true
		if outer := len(m.scripts); len(c.Scripts) > outer {
			c.Scripts[outer].StatusIgnored = true
		}
	}
}

func (m *machine) stmt(st *State, s *syntax.Stmt) status {
	if !m.step(st, s) {
		return expected
	}
	m.depth++
	defer func() { m.depth-- }()
	from := len(m.trace.Commands)
	var result status
	switch {
	case s.Background || s.Coprocess || s.Disown:
		m.subshell(st, func(in *State) status { return m.redirected(in, s) })
		m.ignoreStatus(from, len(m.trace.Commands))
		result = success
	default:
		result = m.redirected(st, s)
	}
	if s.Negated {
		m.ignoreStatus(from, len(m.trace.Commands))
		return result.not()
	}
	return result
}

// redirected evaluates the command of a statement, its output captured only
// where it is not redirected.
func (m *machine) redirected(st *State, s *syntax.Stmt) status {
	io := m.redirects(st, s.Redirs)
	if s.Cmd == nil {
		return expected
	}
	if call, ok := s.Cmd.(*syntax.CallExpr); ok {
		return m.call(st, call, io)
	}
	outerCapture, outerPiped := m.capture, m.piped
	if io.stdout {
		m.capture = nil
	}
	m.piped = m.piped || io.stdin != nil
	result := m.command(st, s.Cmd)
	m.capture, m.piped = outerCapture, outerPiped
	if io.mayFail && result == success {
		return expected
	}
	return result
}

func (m *machine) command(st *State, c syntax.Command) status {
	switch c := c.(type) {
	case *syntax.BinaryCmd:
		if c.Op == syntax.AndStmt || c.Op == syntax.OrStmt {
			return m.andOr(st, c)
		}
		return m.pipeline(st, c)
	case *syntax.Block:
		return m.stmts(st, c.Stmts)
	case *syntax.Subshell:
		return m.subshell(st, func(in *State) status { return m.stmts(in, c.Stmts) })
	case *syntax.IfClause:
		return m.ifClause(st, c)
	case *syntax.WhileClause:
		return m.whileClause(st, c)
	case *syntax.ForClause:
		return m.forClause(st, c)
	case *syntax.CaseClause:
		return m.caseClause(st, c)
	case *syntax.FuncDecl:
		return m.declare(st, c)
	case *syntax.DeclClause:
		return m.declClause(st, c)
	case *syntax.TestClause:
		return m.testClause(st, c)
	case *syntax.TimeClause:
		if c.Stmt == nil {
			return success
		}
		return m.stmt(st, c.Stmt)
	case *syntax.CoprocClause:
		m.subshell(st, func(in *State) status { return m.stmt(in, c.Stmt) })
		return success
	}
	m.assignedWithin(st, c) // arithmetic
	return open
}

// subshell evaluates body in a copy of the state.
func (m *machine) subshell(st *State, body func(*State) status) status {
	in := st.fork()
	m.frames = append(m.frames, &frame{kind: leftExit})
	result := body(in)
	m.frames = m.frames[:len(m.frames)-1]
	if m.stopped() {
		st.havoc(m.trace.Stop)
	}
	if in.left&leftFailing != 0 {
		return failure
	}
	return result
}

// leaveBy ends the list: the state is kept for where it comes out. Shells
// differ in leaving a loop from a subshell or function within it.
func (m *machine) leaveBy(st *State, kind leave) {
	loop := kind&(leftBreak|leftContinue) != 0
	inner := false
	for i := len(m.frames) - 1; i >= 0; i-- {
		f := m.frames[i]
		switch {
		case f.kind&kind == 0:
			inner = inner || f.kind == leftExit || f.kind == leftReturn
			continue
		case inner && loop:
			m.stop(st, Reason{At: m.frames[i].at, Text: "shells differ in leaving this loop from a subshell or function"})
		case inner:
			st.left = leftExit
		default:
			f.states = append(f.states, st.fork())
			st.left = kind
		}
		return
	}
	if !loop {
		st.left = kind
	}
}

// collect evaluates body and joins the states in which it was left with the
// one at its end. Within it, conditional leaving counts; behind it no more.
func (m *machine) collect(st *State, kind leave, at source.Span, body func() status) status {
	fork, outer := st.Env, st.maybe
	f := &frame{kind: kind, at: at}
	m.frames = append(m.frames, f)
	result := body()
	m.frames = m.frames[:len(m.frames)-1]
	if n := len(f.states); n > 1 || n == 1 && st.left&kind == 0 {
		result = open
	}
	maybe := st.maybe | st.left&^(kind|leftFailing)
	if st.left&kind != 0 && len(f.states) > 0 {
		*st, f.states = *f.states[0], f.states[1:]
		maybe |= st.maybe
	}
	for _, s := range f.states {
		maybe |= s.maybe
		m.join(st, st.fork(), s, fork, at)
	}
	st.maybe = maybe&^kind | outer&kind
	return result
}

// onBranch evaluates body as one arm of a decision.
func (m *machine) onBranch(at source.Span, arm int, body func() status) status {
	outer := m.branch
	m.branch = append(outer[:len(outer):len(outer)], Branch{At: at, Arm: arm})
	result := body()
	m.branch = outer
	return result
}

// Output returns what a script prints, as far as it is known; the makefile
// function $(shell …) asks for it.
func (r *Runner) Output(s *Script, st State) Value {
	m := &machine{run: r, trace: &Trace{assigned: map[assignKey]*Assign{}}, capture: &capture{}}
	if st.Env == nil {
		st.Env = NewEnv(Var{})
	}
	m.inScript(&st, s)
	text := m.capture.text.String()
	if m.stopped() || strings.Contains(text, Hole) || len(text) > maxText {
		return Unknown(s.Text.Whole(), "the output of a command is not known")
	}
	return Known(text, s.Text.Whole())
}
