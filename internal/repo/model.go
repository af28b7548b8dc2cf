package repo

import "sync"

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
		once, _ = r.memo.LoadOrStore(m, sync.OnceValue(func() T { return m.compute(r) }))
	}
	return once.(func() T)()
}
