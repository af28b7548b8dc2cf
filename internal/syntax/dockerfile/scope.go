package dockerfile

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/goseaworthy/seaworthy/internal/source"
)

const (
	// maxValue is the longest value that is kept, in bytes; a longer one is
	// not known.
	maxValue = 1 << 12
	// maxValues bounds the values of a file together, in bytes.
	maxValues = 1 << 22
	// maxStages is how many stages a name is followed through FROM.
	maxStages = 250
)

// Inputs is what a build is given from outside.
type Inputs struct {
	// Args are the build arguments. One that is not Known is passed with a
	// value that cannot be told.
	Args map[string]*Variable
	// Platform are the values that the builder gives to platform arguments. A
	// default in the file beats them, as Args beat the default.
	Platform map[string]*Variable
	// Base returns the environment of the image that a stage starts from. With
	// a nil Base, or where it returns nil, that environment is not known.
	Base func(st *Stage, image Expansion) Lookup
}

// Scopes are the variables of all stages of a file.
type Scopes struct {
	Stages []*StageScope // as in File.Stages

	file   *File
	in     Inputs
	global map[string]*Variable
	left   int // of maxValues
}

// StageScope are the variables of a stage.
type StageScope struct {
	Stage    *Stage
	Image    Expansion   // what FROM names
	Platform Expansion   // its --platform, if any
	Err      error       // why BuildKit rejects the FROM
	Base     *StageScope // the earlier stage that Image names, or nil

	escape    byte
	defs      map[string][]definition
	defined   []defined            // all of defs in order
	env       map[string]*Variable // what ENV sets last, which is in the image
	inherited Lookup               // the environment of the image
	depth     int                  // number of stages below this one
}

// definition is a change of a variable by the instruction at index; triggers
// of the base stage have negative ones.
type definition struct {
	index    int
	variable *Variable
}

// defined says that the instruction at index defines a variable.
type defined struct {
	index int
	name  string
}

// Scope is the set of variables at one place of a stage.
type Scope struct {
	stage *StageScope
	limit int // definitions of instructions below it count
}

// Evaluate computes the variables of every stage: ARG and ENV in order, in one
// namespace, as the environment of RUN has them. Of ENV all values on a line
// see the variables before the line; of ARG each sees the one before it. An ARG
// without a value takes that of the same name before the first FROM, where the
// platform arguments are; if it has none there, it changes nothing.
//
// BuildKit's predefined proxy arguments, which reach RUN without an ARG, are
// not among them.
func (f *File) Evaluate(in Inputs) *Scopes {
	s := &Scopes{file: f, in: in, global: map[string]*Variable{}, left: maxValues}
	for _, name := range platformArgs {
		s.global[name] = &Variable{Set: true, Overridable: true}
		for _, given := range []map[string]*Variable{in.Platform, in.Args} {
			if v := given[name]; v != nil {
				s.global[name] = argument(v, &Pair{})
			}
		}
	}
	for _, ins := range f.Meta {
		for i := range ins.Pairs {
			s.metaArg(&ins.Pairs[i])
		}
	}
	for _, st := range f.Stages {
		s.Stages = append(s.Stages, s.stage(st))
	}
	return s
}

// platformArgs are set before the first FROM, to what only the build knows.
var platformArgs = [...]string{
	"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
	"TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
}

// Global looks up a variable as FROM sees it.
func (s *Scopes) Global(name string) *Variable { return s.global[name] }

func (s *Scopes) metaArg(pair *Pair) {
	name := pair.Key.Text
	switch passed := s.in.Args[name]; {
	case passed != nil:
		s.global[name] = argument(passed, pair)
	case pair.HasValue:
		s.global[name] = s.value(&pair.Value, pair.At, s.Global)
		s.global[name].Overridable = true
	}
}

// argument is an ARG whose value comes from outside.
func argument(passed *Variable, pair *Pair) *Variable {
	v := *passed
	v.Set, v.Overridable = true, true
	if !v.At.Valid() {
		v.At = pair.At
	}
	return &v
}

// value expands a word to what a variable is set to.
func (s *Scopes) value(word *Word, at source.Span, lookup Lookup) *Variable {
	v := &Variable{Set: true, At: at}
	result, err := Expand(&word.Joined, s.file.Escape, lookup)
	v.Uses, v.Overridable = result.Uses, result.Overridable
	if err != nil || !result.Known || len(result.Text) > maxValue || len(result.Text) > s.left {
		return v
	}
	s.left -= len(result.Text)
	v.Known, v.Text = true, result.Text
	return v
}

func (s *Scopes) stage(st *Stage) *StageScope {
	out := &StageScope{Stage: st, escape: s.file.Escape, inherited: notKnown}
	out.defs, out.env = map[string][]definition{}, map[string]*Variable{}
	from := st.From.From
	out.Image, out.Err = Expand(&from.Image.Joined, s.file.Escape, s.Global)
	if out.Err == nil && out.Image.Known && out.Image.Text == "" {
		out.Err = fmt.Errorf("base name (%s) should not be blank", from.Image.Text)
	}
	if from.Platform.Text != "" {
		var err error
		out.Platform, err = Expand(&from.Platform.Joined, s.file.Escape, s.Global)
		out.Err = errors.Join(out.Err, err)
	}
	switch base := s.file.Base(st, out.Image.Text); {
	case out.Err != nil:
	case out.Image.Known && base != nil:
		out.Base = s.Stages[base.Index]
		out.depth = out.Base.depth + 1
		for i, ins := range base.Instructions {
			if ins.Trigger != nil {
				s.run(out, ins.Trigger, i-len(base.Instructions))
			}
		}
	case out.Image.Known && out.Image.Text == "scratch":
		out.inherited = scratch
	case s.in.Base != nil:
		if lookup := s.in.Base(st, out.Image); lookup != nil {
			out.inherited = lookup
		}
	}
	for i, ins := range st.Instructions {
		s.run(out, ins, i)
	}
	return out
}

// notKnown is the environment of an image nothing is known of.
func notKnown(string) *Variable { return &Variable{} }

// scratch is the environment of an empty image: BuildKit always sets PATH.
func scratch(name string) *Variable {
	if name != "PATH" {
		return nil
	}
	return &Variable{Set: true, Known: true, Text: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
}

// run applies the ENV or ARG at index.
func (s *Scopes) run(st *StageScope, ins *Instruction, index int) {
	switch ins.Cmd {
	case "ENV":
		before := Scope{st, index}
		for i := range ins.Pairs {
			pair := &ins.Pairs[i]
			name, err := Expand(&pair.Key.Joined, s.file.Escape, before.Lookup)
			if err == nil && name.Known {
				v := s.value(&pair.Value, pair.At, before.Lookup)
				st.define(name.Text, index, v)
				st.env[name.Text] = v
			}
		}
	case "ARG":
		for i := range ins.Pairs {
			s.arg(st, &ins.Pairs[i], index)
		}
	}
}

func (s *Scopes) arg(st *StageScope, pair *Pair, index int) {
	name := pair.Key.Text
	now := Scope{st, index + 1}
	var v *Variable
	switch passed := s.in.Args[name]; {
	case passed != nil:
		v = argument(passed, pair)
	case pair.HasValue:
		v = s.value(&pair.Value, pair.At, now.Lookup)
	case s.global[name] != nil:
		v = s.global[name]
	default:
		v = declared(now.Lookup(name), pair)
	}
	v.Overridable = true
	st.define(name, index, v)
}

// declared is what an ARG that nothing gives a value leaves of a variable.
func declared(before *Variable, pair *Pair) *Variable {
	if before == nil {
		return &Variable{Known: true, At: pair.At}
	}
	v := *before
	if !v.At.Valid() {
		v.At = pair.At
	}
	return &v
}

func (st *StageScope) define(name string, index int, v *Variable) {
	st.defs[name] = append(st.defs[name], definition{index, v})
	st.defined = append(st.defined, defined{index, name})
}

// Before returns the variables that the instruction at index of
// Stage.Instructions sees; with the number of instructions as index, those at
// the end of the stage.
func (st *StageScope) Before(index int) Scope { return Scope{st, index} }

// Lookup returns a variable, or nil for one that is not set and that no ARG
// declares. What a stage inherits through FROM from another is first the
// environment of its image, to which an ARG does not belong, and only then the
// ARG values: an ARG that hides an ENV does so to the end of its own stage.
func (sc Scope) Lookup(name string) *Variable {
	st := sc.stage
	if v := st.last(name, sc.limit); v != nil {
		return v
	}
	if st.depth > maxStages {
		return notKnown(name)
	}
	for ; st.Base != nil; st = st.Base {
		if v := st.Base.env[name]; v != nil {
			return v
		}
	}
	if v := st.inherited(name); v != nil && (v.Set || !v.Known) {
		return v
	}
	for st = sc.stage.Base; st != nil; st = st.Base {
		if v := st.last(name, len(st.Stage.Instructions)); v != nil {
			return v
		}
	}
	return nil
}

// last returns what the instructions of the stage before limit define last.
func (st *StageScope) last(name string, limit int) *Variable {
	defs := st.defs[name]
	n := sort.Search(len(defs), func(i int) bool { return defs[i].index >= limit })
	if n == 0 {
		return nil
	}
	return defs[n-1].variable
}

// Names returns the names that ENV and ARG of the stage and its base stages
// define, sorted.
func (sc Scope) Names() []string {
	var names []string
	for st, limit := sc.stage, sc.limit; st != nil && sc.stage.depth <= maxStages; st = st.Base {
		for name, defs := range st.defs {
			if defs[0].index < limit {
				names = append(names, name)
			}
		}
		if st.Base != nil {
			limit = len(st.Base.Stage.Instructions)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Since returns the names that the instructions between an earlier place of the
// stage and this one define, sorted.
func (sc Scope) Since(earlier Scope) []string {
	if sc.stage.depth > maxStages {
		return nil
	}
	at := func(limit int) int {
		return sort.Search(len(sc.stage.defined), func(i int) bool { return sc.stage.defined[i].index >= limit })
	}
	var names []string
	for _, d := range sc.stage.defined[at(earlier.limit):at(sc.limit)] {
		names = append(names, d.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Expand expands a word of an instruction that sees these variables.
func (sc Scope) Expand(word *Word) (Expansion, error) {
	return Expand(&word.Joined, sc.stage.escape, sc.Lookup)
}

// Trail returns the places that a value rests on, cause first: those of the
// variables it was made from, then its own. It names at most 20.
func (v *Variable) Trail() []source.Span {
	t := &trail{seen: map[*Variable]bool{}}
	t.follow(v)
	return t.places
}

const maxTrail = 20

type trail struct {
	seen   map[*Variable]bool
	places []source.Span
}

func (t *trail) follow(v *Variable) {
	if v == nil || t.seen[v] || len(t.seen) >= maxTrail {
		return
	}
	t.seen[v] = true
	for _, u := range v.Uses {
		t.follow(u.Variable)
	}
	if v.At.Valid() && !slices.Contains(t.places, v.At) {
		t.places = append(t.places, v.At)
	}
}
