package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/goseaworthy/seaworthy/internal/codescan/fake"
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/rules"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"seaworthy": func() {
		os.Exit(run(Env{
			Args:   os.Args[1:],
			Stdin:  os.Stdin,
			Stdout: os.Stdout,
			Stderr: os.Stderr,
			Getenv: os.Getenv,
		}, append(rules.All(), wordRule)))
	}})
}

// TestScripts runs the cases of the command line. "exits N cmd…" runs a command
// that must end with the exit code N.
func TestScripts(t *testing.T) {
	github := fake.New(t, "/api/v3", "secret")
	t.Cleanup(func() {
		if p := github.Problems(); len(p) > 0 {
			t.Errorf("not as GitHub describes it: %q", p)
		}
	})
	testscript.Run(t, testscript.Params{
		Dir:                 "../../fixtures/cli",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			// No configuration of the machine, and the same hashes everywhere.
			e.Vars = append(e.Vars, "FAKE_GITHUB="+github.API(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
				"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=2027-03-01T12:00:00Z",
				"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=2027-03-01T12:00:00Z")
			return nil
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Condition: func(cond string) (bool, error) {
			return cond == "unprivileged" && os.Getuid() > 0, nil
		},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%v ends with %d, not %s", args[1:], code, args[0])
	}
}

// wordRule finds words in Dockerfiles, so that the cases do not change with the
// rules that exist: BAD with a safe fix in two files, WORSE with an unsafe one,
// HINT as a note, UNSURE with low confidence, UNKNOWN as not judged, and PANIC.
var wordRule = &rule.Rule{
	ID: "test/word", Title: "a word that the cases are about", Severity: rule.Error, Since: "v0.1.0", Tags: []string{"test"},
	Run: func(p *rule.Pass) {
		for _, f := range p.Repo.Of(repo.Dockerfile) {
			judgeWords(p, f)
		}
	},
}

func judgeWords(p *rule.Pass, f *source.File) {
	for n := 1; n <= f.Lines(); n++ {
		line := f.Line(n)
		for _, word := range []string{"BAD", "WORSE", "HINT", "UNSURE", "UNKNOWN", "PANIC"} {
			i := bytes.Index([]byte(line.Text()), []byte(word))
			if i < 0 {
				continue
			}
			at := line.Sub(i, i+len(word))
			found := rule.Finding{At: at, Message: "the word is " + word, Proof: fact.Because(moduleLine(p.Repo), fact.Note{At: at, Text: "here it is"})}
			switch word {
			case "PANIC":
				panic("the word is PANIC")
			case "UNKNOWN":
				p.Unjudged(rule.Unjudged{At: at, Text: "the word is UNKNOWN", Hint: "write another"})
				continue
			case "HINT":
				found.Severity = rule.Note
			case "UNSURE":
				found.Confidence = fact.Low
			default:
				found.Fixes = []rule.Fix{wordFix(p.Repo, at, word == "BAD")}
			}
			p.Report(found)
		}
	}
}

// wordFix writes another word, and says so in a file beside where there is one.
func wordFix(r *repo.Repo, at source.Span, safe bool) rule.Fix {
	fix := rule.Fix{Title: "write GOOD", Safe: safe, Edits: []source.Edit{{Span: at, New: "GOOD"}}}
	if f := r.File("CHANGES"); f != nil {
		fix.Edits = append(fix.Edits, source.Edit{Span: f.Span(0, 0), New: "a word was changed\n"})
	}
	return fix
}

// moduleLine is the first step of the evidence where there is a go.mod.
func moduleLine(r *repo.Repo) fact.Premise {
	if f := r.File("go.mod"); f != nil {
		return fact.Note{At: f.Line(1), Text: "the module"}
	}
	return fact.Proof{Confidence: fact.High}
}
