package repo

import (
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"
)

// Model is something computed from a Repo at most once, at first use. Models
// use other models by calling their Of; a cycle among them is a compile error
// ("initialization cycle").
type Model[T any] struct{ compute func(*Repo) T }

// NewModel returns a model. It is to be kept in a package variable.
func NewModel[T any](compute func(*Repo) T) *Model[T] { return &Model[T]{compute} }

// Of returns the model of r. It is safe for concurrent use.
func (m *Model[T]) Of(r *Repo) T {
	once, ok := r.memo.Load(m)
	if !ok {
		once, _ = r.memo.LoadOrStore(m, sync.OnceValue(func() T {
			defer func() {
				if v := recover(); v != nil {
					panic(Recovered(v))
				}
			}()
			return m.compute(r)
		}))
	}
	return once.(func() T)()
}

// Panic is a panic of ours together with its place: a model that panics does so
// again for everyone who asks, far from where it went wrong.
type Panic struct {
	Cause string
	Where string // function, file and line
}

func (p *Panic) Error() string { return p.Cause + " at " + p.Where }

// Recovered describes what recover returned. It must be called by the deferred
// function itself.
func Recovered(v any) *Panic {
	if p, ok := v.(*Panic); ok {
		return p
	}
	p := &Panic{Cause: fmt.Sprint(v), Where: "an unknown place"}
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			p.Where = fmt.Sprintf("%s (%s:%d)", f.Function, path.Base(f.File), f.Line)
			break
		}
	}
	return p
}
