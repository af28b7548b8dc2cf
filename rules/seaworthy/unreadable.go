package seaworthy

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Unreadable reports a file or folder that the operating system does not let
// seaworthy read.
//
// # Why
//
// What cannot be read cannot be judged, and silence would look like approval.
// The build and the container runtime often read as another user than the one
// who runs seaworthy, so this alone does not break them: the finding never
// changes the exit code to that of an internal error.
//
// # Fix
//
// Give the user who runs seaworthy the right to read the file (chmod a+r), or
// leave it out in .seaworthy.toml:
//
//	exclude = ["secrets/**"]
var Unreadable = &rule.Rule{
	ID:       "seaworthy/unreadable",
	Title:    "file cannot be read",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Run: func(p *rule.Pass) {
		for _, f := range unread(p.Repo) {
			if err := f.Err(); !errors.Is(err, source.ErrTooLarge) {
				p.Report(finding(f.Whole(), fmt.Sprintf("%s cannot be read: %s", f.Path, cause(err)), "nothing here is judged"))
			}
		}
	},
}

// unread returns what could not be listed, and the inputs that could not be
// read. Go sources count only where a rule asked for them: most runs read the
// sources of some programs only, and asking here would read them all.
func unread(r *repo.Repo) []*source.File {
	files := append([]*source.File(nil), r.Unread...)
	for _, in := range r.Inputs {
		if in.Kind == repo.GoSource && !in.Loaded() {
			continue
		}
		if in.Err() != nil {
			files = append(files, in.File)
		}
	}
	return files
}

// cause returns what the operating system says, without the path that the
// message names already.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
