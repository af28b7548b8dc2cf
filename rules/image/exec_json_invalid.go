package image

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ExecJSONInvalid reports a command that looks like a JSON list and is none.
//
// # Why
//
// A list that is not valid JSON is no error: the builder takes the whole text,
// brackets included, for a command in shell form. Single quotes, a missing or
// trailing comma, and a comment behind the list make such a text. The shell then
// looks for a program whose name begins with a bracket.
//
// # Fix
//
// Use double quotes, and commas between the words only.
//
// # When it is not a problem
//
// `RUN [ -f file ] && …` is the command `[`, which tests something.
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#exec-form
var ExecJSONInvalid = &rule.Rule{
	ID:       "image/exec-json-invalid",
	Title:    "command looks like a JSON list but is not valid JSON",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, form := range st.Forms {
				if !brokenList(form) || !takesEffect(st, form) {
					continue
				}
				at := form.Command.Shell.Whole()
				f := rule.Finding{
					At:      at,
					Message: fmt.Sprintf("%s is not a JSON list, so the shell gets it, brackets included", form.Cmd),
					Proof:   fact.Because(fact.Note{At: at, Text: "is not valid JSON"}),
					Result:  "/bin/sh: " + bracketWord(form) + ": not found",
					Fixes:   doubleQuotes(form),
				}
				if form.Cmd == "HEALTHCHECK" {
					f.Severity = rule.Warning
				}
				p.Report(f)
			}
		}
	},
}

// brokenList reports whether a command is meant to be a list and is none. A
// blank behind the bracket makes it the command [, unless a quote follows.
func brokenList(form buildplan.ShellForm) bool {
	text, isBracket := strings.CutPrefix(form.Command.Shell.Text, "[")
	inner := strings.TrimLeft(text, " \t")
	if !isBracket || !form.Command.Bracket || inner == "" {
		return false
	}
	quoted := strings.ContainsRune(`'"“”‘’`, []rune(inner)[0])
	if form.Cmd == "RUN" {
		return quoted && strings.HasSuffix(inner, "]") && strings.Contains(inner, ",")
	}
	return quoted || inner == text && inner[0] != '['
}

// bracketWord is the first word of a broken list as the shell reads it.
func bracketWord(form buildplan.ShellForm) string {
	text := form.Command.Shell.Text
	word, _, _ := strings.Cut(text, " ")
	return strings.NewReplacer("'", "", `"`, "").Replace(word)
}

// doubleQuotes is the fix where wrong quotes are all that is wrong.
func doubleQuotes(form buildplan.ShellForm) []rule.Fix {
	text := strings.NewReplacer("'", `"`, "“", `"`, "”", `"`, "‘", `"`, "’", `"`).Replace(form.Command.Shell.Text)
	var list []string
	if json.Unmarshal([]byte(text), &list) != nil || len(list) == 0 {
		return nil
	}
	return []rule.Fix{{Title: "use double quotes", Safe: true, Edits: []source.Edit{{Span: form.Command.Shell.Whole(), New: text}}}}
}
