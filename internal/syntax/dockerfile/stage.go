package dockerfile

import (
	"sort"
	"strconv"
	"strings"
)

// Target returns the stage that `--target name` builds, the last one for an
// empty name, or nil.
func (f *File) Target(name string) *Stage {
	if name == "" && len(f.Stages) > 0 {
		return f.Stages[len(f.Stages)-1]
	}
	return f.named(name, len(f.Stages))
}

// Origin is where a COPY --from or the from of a mount reads: a stage of the
// file or an image.
type Origin struct {
	Stage *Stage // nil when it is an image
	Image string
}

// CopyOrigin resolves the word of COPY --from. The last stage of a name counts,
// in any case of letters and even if it stands below, which BuildKit rejects
// where it has not been built by then. A number counts stages from 0; both
// results are empty for one that does not exist.
func (f *File) CopyOrigin(from *Word) Origin {
	if n, err := strconv.Atoi(from.Text); err == nil {
		if n < 0 || n >= len(f.Stages) {
			return Origin{}
		}
		return Origin{Stage: f.Stages[n]}
	}
	return f.MountOrigin(from)
}

// MountOrigin resolves the from of a mount: as CopyOrigin, but without numbers.
func (f *File) MountOrigin(from *Word) Origin {
	if st := f.named(from.Text, len(f.Stages)); st != nil {
		return Origin{Stage: st}
	}
	return Origin{Image: from.Text}
}

// Base returns the stage that a FROM of st names with image, the expanded word,
// or nil when it is an image. Only earlier stages count, and here capital
// letters do not match. A stage shadows an image of its name.
func (f *File) Base(st *Stage, image string) *Stage {
	if image != strings.ToLower(image) {
		return nil
	}
	return f.named(image, st.Index)
}

// named returns the last stage with a name among the first limit stages.
func (f *File) named(name string, limit int) *Stage {
	if name == "" {
		return nil
	}
	indexes := f.names[strings.ToLower(name)]
	n := sort.SearchInts(indexes, limit)
	if n == 0 {
		return nil
	}
	return f.Stages[indexes[n-1]]
}

// checkSources notes the COPY --from that BuildKit rejects when it has seen
// all stages.
func (p *parser) checkSources() {
	for _, ins := range p.out.Instructions {
		if ins.Cmd != "COPY" || ins.Copy.From.Text == "" {
			continue
		}
		from := &ins.Copy.From
		plain, err := Expand(&from.Joined, p.out.Escape, nil)
		n, atoi := strconv.Atoi(from.Text)
		switch {
		case err != nil:
			p.problem(from.At, "%s", err)
		case plain.Text != from.Text || len(plain.Uses) > 0:
			p.problem(from.At, "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")
		case atoi == nil && (n < 0 || n >= len(p.out.Stages)):
			p.problem(from.At, "invalid stage index %d", n)
		}
	}
}
