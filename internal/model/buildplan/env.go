package buildplan

import "github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"

// Variables are the variables behind the last instruction: what a container of
// the stage gets, with the ARGs beside it, which it does not get.
func (st *Stage) Variables() dockerfile.Scope {
	return st.scope.Before(len(st.Syntax.Instructions))
}
