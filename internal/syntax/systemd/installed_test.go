package systemd

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// TestInstalledUnits reads the units that packages installed on this machine:
// there must be nothing to say about them but what their authors meant to
// provoke.
func TestInstalledUnits(t *testing.T) {
	files, assignments := 0, 0
	for _, root := range []string{"/usr/lib/systemd/system", "/usr/lib/systemd/user"} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || TypeOf(p) == "" || !d.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(p)
			if err != nil {
				t.Error(err)
				return nil
			}
			files++
			f := Parse(source.New(strings.TrimPrefix(p, "/"), data))
			for _, problem := range f.Problems {
				t.Errorf("%s: %s", problem.At, problem.Text)
			}
			name := filepath.Base(p)
			if unit, ok := dropinOf(p); ok {
				name = unit
			}
			for _, s := range f.Sections {
				for i := range s.Assignments {
					a := &s.Assignments[i]
					assignments++
					for _, n := range (Scope{Unit: name, User: strings.HasSuffix(root, "user")}).CheckAssignment(a).Notes {
						if !n.Advice {
							t.Errorf("%s: %s=%s: %s", n.At, a.Key, a.Value.Text, n.Text)
						}
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if files == 0 {
		t.Skip("no units are installed here")
	}
	t.Logf("%d assignments in %d files", assignments, files)
}
