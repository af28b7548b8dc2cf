package shell

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEnvIsAMap changes variables at random and compares every state that is
// kept with a map.
func TestEnvIsAMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	env, want := NewEnv(Var{}), map[string]string{}
	type state struct {
		env  *Env
		want map[string]string
	}
	var kept []state
	for i := range 40 * tableEvery {
		name, value := fmt.Sprint("V", rnd.IntN(300)), fmt.Sprint(i)
		env = env.Export(name, Value{Text: value})
		want[name] = value
		if i%97 == 0 || (i+1)%tableEvery == 0 {
			copied := map[string]string{}
			for k, v := range want {
				copied[k] = v
			}
			kept = append(kept, state{env, copied})
		}
	}
	for _, s := range kept {
		var names []string
		for k, v := range s.want {
			names = append(names, k)
			if got := s.env.Get(k).Text; got != v {
				t.Errorf("after %d changes %s is %q, want %q", s.env.depth, k, got, v)
			}
		}
		slices.Sort(names)
		if got := s.env.Names(); !slices.Equal(got, names) {
			t.Errorf("after %d changes there are %v, want %v", s.env.depth, got, names)
		}
		if _, mentioned := s.env.find("other"); mentioned {
			t.Error("other was never mentioned")
		}
	}
}

// TestEnvIsSmall bounds what the tables of many changes hold, as the ENV lines
// of a Dockerfile are.
func TestEnvIsSmall(t *testing.T) {
	const changes = 1 << 14
	env, held := NewEnv(Var{}), 0
	for i := range changes {
		env = env.Export(fmt.Sprint("V", i), Value{})
		held += len(env.table)
	}
	if held > changes*14 { // a table for each of log2(changes/tableEvery)+1 sizes
		t.Errorf("the tables of %d changes hold %d variables", changes, held)
	}
}
