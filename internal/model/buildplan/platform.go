package buildplan

import (
	"github.com/goseaworthy/seaworthy/internal/fact"
)

// Pin returns the --platform that the stage, or the one it starts from, is
// given.
func (st *Stage) Pin() (fact.Note, bool) {
	for ; st != nil; st = st.Base {
		if w := &st.Syntax.From.From.Platform; w.Given() {
			return fact.Note{At: w.At, Text: "the stage runs on " + w.Text}, true
		}
	}
	return fact.Note{}, false
}

// Declares reports whether an argument is there for the instruction at an index.
func (st *Stage) Declares(index int, name string) bool {
	return st.scope.Before(index).Lookup(name) != nil
}
