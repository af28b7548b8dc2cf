// Package fact holds what models believe and why: values that know how sure
// they are and which lines of the repository say so.
//
// The levels of confidence mean:
//
//   - High: it is written in the repository.
//   - Medium: a default that something outside the repository can override
//     (--build-arg, a drop-in, GOFLAGS), or the only candidate there is.
//   - Low: an inference by name or convention where something else is possible
//     too. Hidden by default.
//   - Unknown: not decided. It never fires a rule.
package fact

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Confidence says how sure a fact or a proof is.
type Confidence uint8

// The levels, in order. The zero value is Unknown.
const (
	Unknown Confidence = iota
	Low
	Medium
	High
)

// String returns the level as reports write it.
func (c Confidence) String() string {
	return [...]string{"unknown", "low", "medium", "high"}[c]
}

// Note says what one place of the repository contributes.
type Note struct {
	At   source.Span
	Text string
}

// Proof makes a Note a premise: what stands written is certain.
func (n Note) Proof() Proof { return Proof{Path: []Note{n}, Confidence: High} }

// Fact is a value with its provenance. The zero Fact is unknown.
type Fact[T any] struct {
	Value      T
	Confidence Confidence
	Why        []Note // in reading order, cause first; of an unknown fact: what hinders
}

// Of returns a fact with the reasons in the order given.
func Of[T any](value T, c Confidence, why ...Note) Fact[T] {
	return Fact[T]{Value: value, Confidence: c, Why: why}
}

// Not returns an unknown fact with what hinders to know it.
func Not[T any](why ...Note) Fact[T] { return Fact[T]{Why: why} }

// Known reports whether the value may be used.
func (f Fact[T]) Known() bool { return f.Confidence != Unknown }

// Is reports whether the value is known and satisfies is.
func (f Fact[T]) Is(is func(T) bool) bool { return f.Known() && is(f.Value) }

// Proof makes a Fact a premise.
func (f Fact[T]) Proof() Proof { return Proof{Path: f.Why, Confidence: f.Confidence} }

// AtMost returns the fact with its confidence lowered to c, if it was higher.
func (f Fact[T]) AtMost(c Confidence) Fact[T] {
	f.Confidence = min(f.Confidence, c)
	return f
}

// Then returns a fact with value that rests on f and further notes.
func Then[T, U any](f Fact[T], value U, why ...Note) Fact[U] {
	return Fact[U]{Value: value, Confidence: f.Confidence, Why: append(slices.Clip(f.Why), why...)}
}

// Proof is a path through the repository that shows why something holds.
type Proof struct {
	Path       []Note
	Confidence Confidence
}

// Proof makes a Proof a premise.
func (p Proof) Proof() Proof { return p }

// Premise is what a conclusion can rest on.
type Premise interface{ Proof() Proof }

// Because joins premises: the path is theirs in order, each place and text
// once; the confidence is the weakest. Without premises nothing is proved.
func Because(premises ...Premise) Proof {
	if len(premises) == 0 {
		return Proof{}
	}
	joined := Proof{Confidence: High}
	for _, premise := range premises {
		p := premise.Proof()
		joined.Confidence = min(joined.Confidence, p.Confidence)
		for _, n := range p.Path {
			if n.At.Valid() && !slices.Contains(joined.Path, n) {
				joined.Path = append(joined.Path, n)
			}
		}
	}
	return joined
}
