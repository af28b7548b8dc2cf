package oracle

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// scopes writes Dockerfiles of ARG, ENV and RUN over scratch.
func (g generator) scopes() string {
	var b strings.Builder
	value := func() string {
		return g.pick("1", "2", "x", "", "$A", "${B}", "${C:-d}", "$A$B", "'$A'", `"$B c"`, "${A:+z}", "$TARGETARCH", "$N", "${N:-n}", `\$A`, "${A%1}")
	}
	pair := func() string { return g.pick("A", "B", "C", "D", "TARGETOS", "TARGETARCH") + "=" + value() }
	arg := func() string {
		if g.chance(40) {
			return g.pick("A", "B", "C", "D", "N", "TARGETARCH", "TARGETVARIANT")
		}
		return pair()
	}
	for range g.IntN(4) {
		b.WriteString("ARG " + g.some(2, " ", arg) + "\n")
	}
	for stage := range g.IntN(3) + 1 {
		base := g.pick("scratch", "${S:-scratch}", "${NOTHING-scratch}")
		if stage > 0 && g.chance(60) {
			base = fmt.Sprintf("s%d", g.IntN(stage))
		}
		fmt.Fprintf(&b, "FROM %s AS s%d\n", base, stage)
		for range g.IntN(6) {
			b.WriteString(g.pick("ENV "+g.some(3, " ", pair), "ENV "+g.some(2, " ", pair), "ARG "+g.some(3, " ", arg), "ENV A "+value()+"v", "ONBUILD ENV "+pair(), "ONBUILD ARG "+arg(), "ENV $A="+value()) + "\n")
		}
	}
	return b.String() + "RUN [\"/last\"]\n"
}

// environ returns the environment of the last RUN as BuildKit computes it.
func environ(text string, args map[string]string) ([]string, error) {
	result, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(text), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{BuildArgs: args},
	})
	if err != nil {
		return nil, err
	}
	def, err := result.State.Marshal(context.Background(), llb.LinuxAmd64)
	if err != nil {
		return nil, err
	}
	for _, dt := range def.Def {
		var op pb.Op
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, err
		}
		if exec := op.GetExec(); exec != nil && slices.Contains(exec.Meta.Args, "/last") {
			return exec.Meta.Env, nil
		}
	}
	return nil, fmt.Errorf("no RUN")
}

func TestScopes(t *testing.T) {
	judged := 0
	for seed := range uint64(2000) {
		g := generator{rand.New(rand.NewPCG(seed, 3))}
		text := g.scopes()
		args := map[string]string{}
		in := dockerfile.Inputs{Args: map[string]*dockerfile.Variable{}}
		for _, name := range []string{"A", "N", "TARGETARCH"} {
			if g.chance(15) {
				args[name] = "given"
				in.Args[name] = &dockerfile.Variable{Text: "given", Set: true, Known: true}
			}
		}
		want, err := environ(text, args)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		f := dockerfile.Parse(source.New("Dockerfile", []byte(text)))
		stages := f.Evaluate(in).Stages
		last := stages[len(stages)-1]
		scope := last.Before(len(last.Stage.Instructions) - 1)
		judged += compareScope(t, text, scope, want)
	}
	t.Logf("%d variables compared", judged)
	if judged < 2000 {
		t.Errorf("%d variables compared", judged)
	}
}

// compareScope compares the variables that are known. Those that are not must
// come from a platform argument.
func compareScope(t *testing.T, text string, scope dockerfile.Scope, want []string) int {
	values := map[string]string{}
	for _, entry := range want {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	judged := 0
	for _, name := range scope.Names() {
		v := scope.Lookup(name)
		value, set := values[name]
		switch {
		case v == nil:
			t.Errorf("%s: no variable\n%s", name, text)
		case !v.Known:
			if !strings.Contains(text, "TARGET") {
				t.Errorf("%s is not known\n%s", name, text)
			}
		case v.Text != value || v.Set != set:
			t.Errorf("%s: got %q, %v, want %q, %v\n%s", name, v.Text, v.Set, value, set, text)
		default:
			judged++
		}
		delete(values, name)
	}
	delete(values, "PATH") // BuildKit's default
	if len(values) > 0 && !strings.Contains(text, "ENV $A=") {
		t.Errorf("also set: %v\n%s", values, text)
	}
	return judged
}
