package report

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// TestLineHashesKnown holds values that the code of github/codeql-action gave
// (src/fingerprints.ts of commit f3f1edbe, June 2026, run with Node.js 20).
func TestLineHashesKnown(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "c129715d7a2bc9a3:1",
		"a\n\na\n":                "c2c06ed996284163:1 6f7821bf6a94a0cc:1 243cbaa4685aab12:1 c129715d7a2bc9a3:1",
		"\ufeffFROM x\r\nRUN 🚢\r": "9d6859cb4c0c1412:1 abf45d9413caed79:1 c129715d7a2bc9a3:1",
		"\r \n\xe4\xb8z\xff":      "c6d651cab3988bb7:1 c4d9ac45f5eb9f09:1 7b55c0168bed69e3:1",
	} {
		if got := strings.Join(lineHashes([]byte(text)), " "); got != want {
			t.Errorf("lineHashes(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestLineHashesOracle compares with an implementation in JavaScript, where
// UTF-16 and the decoding of wrong UTF-8 are native.
func TestLineHashesOracle(t *testing.T) {
	node := program(t, "node")
	dir := t.TempDir()
	args := []string{filepath.Join("testdata", "linehash.mjs")}
	var texts [][]byte
	for i, text := range randomTexts(80) {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		args, texts = append(args, path), append(texts, text)
	}
	out, err := exec.Command(node, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if got := lineHashes(text); !slices.Equal(got, want[i]) {
			t.Errorf("the hashes of %.60q... are %.3q, want %.3q", text, got, want[i])
		}
	}
}

// program finds a program that a test compares with. Where it is missing the test
// is skipped, in CI it fails: there it must be installed.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("NOT CHECKED: %s is not installed", name)
	return ""
}

// randomTexts returns texts, the same at each run, of pieces that are hard.
func randomTexts(n int) [][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"\n", "\r\n", "\r", "\r \n", " ", "\t", "FROM golang:1.26", "接続", "🚢", "é", "e\u0301", "\x00",
		"\ufeff", "\uffff", "\xff", "\xe4\xb8", "\xf0\x9f\x9a", "\xed\xa0\x80", "\xc0\xaf", "\x80\x80", "aaaaaaaaaa", strings.Repeat("long ", 40)}
	texts := [][]byte{nil, []byte("\n"), []byte("no newline"), []byte("\ufeff")}
	for len(texts) < n {
		var text []byte
		for range random.IntN(120) {
			text = append(text, pieces[random.IntN(len(pieces))]...)
		}
		texts = append(texts, text)
	}
	return texts
}

func TestFingerprints(t *testing.T) {
	finding := func(r *rule.Rule, path, text string, start int) rule.Finding {
		f := source.New(path, []byte(text))
		return rule.Finding{Rule: r, At: f.Span(start, len(text)), Proof: fact.Proof{Confidence: fact.High}}
	}
	base := Fingerprints([]rule.Finding{finding(rootUser, "Dockerfile", "FROM  a", 0)})
	same := Fingerprints([]rule.Finding{finding(rootUser, "Dockerfile", "# moved\nFROM \ta", 8)})
	if base[0] != same[0] {
		t.Error("a fingerprint changes when the line moves or its blanks change")
	}
	twice := finding(rootUser, "Dockerfile", "FROM a", 0)
	prints := append(Fingerprints([]rule.Finding{twice, twice, finding(libcMismatch, "Dockerfile", "FROM a", 0),
		finding(rootUser, "b/Dockerfile", "FROM a", 0), finding(rootUser, "Dockerfile", "FROM b", 0)}), "")
	if prints[0] != base[0] {
		t.Error("a fingerprint depends on what follows")
	}
	if slices.Sort(prints); len(slices.Compact(prints)) != 6 {
		t.Errorf("fingerprints of different findings are equal: %q", prints)
	}
}

// TestAlertIdentity: what code scanning knows an alert by stays the same when
// lines are added above it, in its file and in those of its evidence.
func TestAlertIdentity(t *testing.T) {
	identity := func(above string) []string {
		docker := source.New("Dockerfile", []byte(above+"FROM golang:1.26 AS build\nRUN go build -o /app .\nFROM alpine:3.22\nCOPY --from=build /app /app\nUSER root\n"))
		program := source.New("main.go", []byte(above+"package main\n\nimport \"net\"\n"))
		place := at(docker, "alpine:3.22")
		r := Report{Rules: allRules, Findings: []rule.Finding{
			{Rule: libcMismatch, At: place, Message: "no loader", Proof: fact.Because(fact.Note{At: at(program, `"net"`), Text: "uses cgo"}, fact.Note{At: place})},
			{Rule: rootUser, At: at(docker, "USER root"), Message: "runs as root", Proof: fact.Note{At: at(docker, "USER root")}.Proof()},
		}}
		return regexp.MustCompile(`"partialFingerprints":\{[^}]*\}`).FindAllString(render(t, "sarif", r, Options{}), -1)
	}
	want := identity("")
	if len(want) != 2 || want[0] == want[1] {
		t.Fatalf("identities are %q", want)
	}
	for _, above := range []string{"\n", "# one line\n", strings.Repeat("# many lines\n", 200), "# CRLF\r\n\r\n", "# 船 \U0001f6a2\n"} {
		if got := identity(above); !slices.Equal(got, want) {
			t.Errorf("with %.20q above it is %q, not %q", above, got, want)
		}
	}
}

func BenchmarkLineHashes(b *testing.B) {
	text := []byte(strings.Repeat("RUN go build -o /out/relay ./cmd/relay\n", 1000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lineHashes(text)
	}
}
