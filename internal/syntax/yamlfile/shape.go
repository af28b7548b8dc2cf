package yamlfile

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Shapes checks for readers that nodes are what their program demands, and
// collects where they are not. What is missing, null or unknown is right.
type Shapes struct{ Problems []source.Problem }

// Problem adds a problem.
func (s *Shapes) Problem(at source.Span, format string, args ...any) {
	s.Problems = append(s.Problems, source.Problem{At: at, Text: fmt.Sprintf(format, args...)})
}

// Mapping returns n if it is a mapping.
func (s *Shapes) Mapping(n *Node, name string) *Node { return s.want(n, Mapping, name) }

// Sequence returns n if it is a sequence.
func (s *Shapes) Sequence(n *Node, name string) *Node { return s.want(n, Sequence, name) }

// Scalar returns the text of n if it is a scalar.
func (s *Shapes) Scalar(n *Node, name string) Value { return s.want(n, Scalar, name).Scalar() }

func (s *Shapes) want(n *Node, kind Kind, name string) *Node {
	switch {
	case n.IsNull() || n.Unknown && n.Kind == Scalar:
		if kind == Scalar {
			return n
		}
		return nil
	case n.Kind != kind:
		s.Problem(n.Pos(), "%s must be a %s, not a %s", name, kind, n.Kind)
		return nil
	}
	return n
}
