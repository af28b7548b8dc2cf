package buildplan

import (
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// headers are the packages of Alpine that bring the headers of musl, as a file
// of their own or through what they depend on.
var headers = words("musl-dev libc-dev build-base alpine-sdk g++ clang-dev")

// Headers says whether the headers of the C library are there when g runs in an
// Alpine stage to which gcc was added. In others it is not known.
func (g *GoCommand) Headers() fact.Fact[bool] {
	st := g.Stage
	image := st.Image
	if !image.Known() || image.Value.PackageManager != "apk" || image.Value.GCC() != knowledge.No || len(st.Opaque) > 0 {
		return fact.Not[bool]()
	}
	var gcc []fact.Note
	for _, in := range st.Installs {
		switch {
		case !g.comesBefore(in.At):
		case headers[in.Package]:
			return fact.Of(true, fact.High, fact.Note{At: in.At, Text: "brings the headers of musl"})
		case in.Maybe || in.Manager != "apk":
			return fact.Not[bool]()
		case in.Package == "gcc":
			gcc = append(gcc, fact.Note{At: in.At, Text: "brings gcc without the headers of musl"})
		case !plain[in.Package]:
			return fact.Not[bool]()
		}
	}
	if len(gcc) == 0 {
		return fact.Not[bool]()
	}
	return fact.Then(image, false, gcc...)
}

// comesBefore reports whether what stands at a place has run when g runs. Of
// other files than that of g it is taken for granted.
func (g *GoCommand) comesBefore(at source.Span) bool {
	if run := g.Call.instruction(); at.File == run.File {
		return at.Start < run.End && (at.File != g.At().File || at.End <= g.At().Start)
	}
	return at.File != g.At().File || at.End <= g.At().Start
}
