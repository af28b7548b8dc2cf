package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// test evaluates "test …" and "[ … ]" where the operands are known.
func (m *machine) test(x *invocation) status {
	args := x.words[1:]
	if x.words[0].Text == "[" {
		if len(args) == 0 || !args[len(args)-1].Is("]") {
			return open
		}
		args = args[:len(args)-1]
	}
	if anyMany(args) {
		return open
	}
	return testArgs(args)
}

// testArgs follows the rules of POSIX, which go by the number of arguments.
func testArgs(args []Word) status {
	switch len(args) {
	case 0:
		return failure
	case 1:
		return answer(args[0].nonEmpty())
	case 2:
		return testTwo(args)
	case 3:
		if r, ok := compare(args[0].Value, args[1].Value, args[2].Value); ok {
			return r
		}
		if args[0].Is("!") {
			return testTwo(args[1:]).not()
		}
	case 4:
		if args[0].Is("!") {
			return testArgs(args[1:]).not()
		}
	}
	return testLong(args)
}

func testTwo(args []Word) status {
	switch op := args[0]; {
	case op.Is("!"):
		return testArgs(args[1:]).not()
	case op.Is("-n"):
		return answer(args[1].nonEmpty())
	case op.Is("-z"):
		return answer(args[1].nonEmpty()).not()
	}
	return open
}

// testLong handles A -a B and A -o B where each side is plain.
func testLong(args []Word) status {
	for i, w := range args {
		if i == 0 || i == len(args)-1 || !w.Is("-a") && !w.Is("-o") {
			continue
		}
		if len(args[:i]) > 4 || len(args[i+1:]) > 4 || !plainTest(args[:i]) || !plainTest(args[i+1:]) {
			return open
		}
		left, right := testArgs(args[:i]), testArgs(args[i+1:])
		return combine(left, right, w.Is("-a"))
	}
	return open
}

func plainTest(args []Word) bool {
	for _, w := range args {
		if w.Is("-a") || w.Is("-o") || w.Is("(") || w.Is(")") || w.Is("!") || !w.Known() {
			return false
		}
	}
	return true
}

// combine is "and" or "or" of two conditions.
func combine(a, b status, and bool) status {
	decides := success
	if and {
		decides = failure
	}
	switch {
	case a == decides || b == decides:
		return decides
	case a == decides.not() && b == decides.not():
		return decides.not()
	}
	return open
}

func answer(a Answer) status {
	return [...]status{No: failure, Maybe: open, Yes: success}[a]
}

// compare evaluates a binary operator; false where op is none.
func compare(a, op, b Value) (status, bool) {
	if !op.Known() {
		return open, true
	}
	switch op.Text {
	case "=":
		return equal(a, b), true
	case "!=":
		return equal(a, b).not(), true
	case "-eq", "-ne", "-lt", "-le", "-gt", "-ge":
		x, errX := strconv.Atoi(a.Text)
		y, errY := strconv.Atoi(b.Text)
		if errX != nil || errY != nil || len(a.Text) > 9 || len(b.Text) > 9 || strings.HasPrefix(a.Text, "0") != (a.Text == "0") || strings.HasPrefix(b.Text, "0") != (b.Text == "0") {
			return open, true
		}
		return numeric(x, op.Text, y), true
	case "==", "<", ">", "-nt", "-ot", "-ef", "=~":
		return open, true
	}
	return open, false
}

func numeric(x int, op string, y int) status {
	holds := map[string]bool{"-eq": x == y, "-ne": x != y, "-lt": x < y, "-le": x <= y, "-gt": x > y, "-ge": x >= y}
	if holds[op] {
		return success
	}
	return failure
}

// equal compares two values; text in front of the first unknown part may
// already decide.
func equal(a, b Value) status {
	switch {
	case a.Known() && b.Known():
		if a.Text == b.Text {
			return success
		}
		return failure
	case a.Known() && !strings.HasPrefix(a.Text, b.Prefix()), b.Known() && !strings.HasPrefix(b.Text, a.Prefix()):
		return failure
	}
	return open
}

// testClause evaluates [[ … ]].
func (m *machine) testClause(st *State, c *syntax.TestClause) status { return m.testExpr(st, c.X) }

func (m *machine) testExpr(st *State, e syntax.TestExpr) status {
	if !m.step(st, e) {
		return open
	}
	m.depth++
	defer func() { m.depth-- }()
	switch e := e.(type) {
	case *syntax.Word:
		return answer(m.value(st, e).nonEmpty())
	case *syntax.ParenTest:
		return m.testExpr(st, e.X)
	case *syntax.UnaryTest:
		return m.unaryTest(st, e)
	case *syntax.BinaryTest:
		return m.binaryTest(st, e)
	}
	return open
}

func (m *machine) unaryTest(st *State, e *syntax.UnaryTest) status {
	r := m.testExpr(st, e.X)
	switch e.Op {
	case syntax.TsNot:
		return r.not()
	case syntax.TsParen, syntax.TsNempStr:
		return r
	case syntax.TsEmpStr:
		return r.not()
	}
	return open
}

func (m *machine) binaryTest(st *State, e *syntax.BinaryTest) status {
	if e.Op == syntax.AndTest || e.Op == syntax.OrTest {
		return combine(m.testExpr(st, e.X), m.testExpr(st, e.Y), e.Op == syntax.AndTest)
	}
	x, okX := e.X.(*syntax.Word)
	y, okY := e.Y.(*syntax.Word)
	if !okX || !okY {
		return open
	}
	a := m.value(st, x)
	switch e.Op {
	case syntax.TsMatch, syntax.TsMatchShort:
		return answer(m.pattern(st, y).match(a))
	case syntax.TsNoMatch:
		return answer(m.pattern(st, y).match(a)).not()
	case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
		r, _ := compare(a, Value{Text: e.Op.String()}, m.value(st, y))
		return r
	}
	m.value(st, y)
	return open
}
