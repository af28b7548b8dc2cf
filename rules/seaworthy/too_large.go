package seaworthy

import (
	"errors"
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// TooLarge reports a file that is larger than seaworthy reads.
//
// # Why
//
// Inputs are read into memory as a whole. The limit, 16 MiB, is far above what
// files that people maintain hold, and keeps a repository that nobody has
// looked at from using up the machine that checks it.
//
// # Fix
//
// Leave the file out in .seaworthy.toml, if its name makes it look like an input
// that it is not:
//
//	exclude = ["dumps/*.yaml"]
var TooLarge = &rule.Rule{
	ID:       "seaworthy/too-large",
	Title:    "file is larger than seaworthy reads",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Run: func(p *rule.Pass) {
		for _, f := range unread(p.Repo) {
			if err := f.Err(); errors.Is(err, source.ErrTooLarge) {
				p.Report(finding(f.Whole(), fmt.Sprintf("%s is larger than the limit of 16 MiB", f.Path), "nothing here is judged"))
			}
		}
	},
}
