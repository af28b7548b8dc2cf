package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// imageBuilders are the programs that build Dockerfiles, with the words that
// tell them to.
var imageBuilders = map[string][]string{
	"docker":  {"build", "buildx build", "image build", "builder build", "buildx b"},
	"podman":  {"build", "buildx build", "image build"},
	"nerdctl": {"build", "image build", "builder build"},
	"buildah": {"bud", "build", "build-using-dockerfile"},
	"img":     {"build"},
}

// buildOptions are the options of a build that take a value (docker, podman and
// buildah).
const buildOptions = `add-host allow annotation attest build-arg build-context builder cache-from cache-to call cgroup-parent cpu-period cpu-quota
	cpu-shares c cpuset-cpus cpuset-mems f file iidfile isolation label m memory memory-swap metadata-file network no-cache-filter o output platform
	progress provenance sbom secret security-opt shm-size ssh t tag target ulimit arch os variant manifest format v volume from ignorefile runtime jobs
	userns creds authfile cap-add cap-drop cert-dir device dns retry retry-delay sign-by timestamp logfile env unsetenv decryption-key squash-all
	context config H host l log-level D`

// docker takes note of a command that builds an image.
func (m *machine) docker(c *Command) {
	if rest, ok := imageBuild(c); ok {
		m.build(c, getopt(rest, words(buildOptions)))
	}
}

// imageBuild returns the words behind the verb of a command that builds an
// image.
func imageBuild(c *Command) (rest []shell.Word, ok bool) {
	verbs := imageBuilders[c.name()]
	if verbs == nil {
		return nil, false
	}
	rest = c.Words[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0].Text, "-") { // docker --context x build
		n := 1
		if !strings.Contains(rest[0].Text, "=") && rest[0].Text != "-D" && rest[0].Text != "--debug" {
			n = 2
		}
		rest = rest[min(n, len(rest)):]
	}
	for _, verb := range verbs {
		said := strings.Fields(verb)
		if len(rest) > len(said) && slices.Equal(texts(rest[:len(said)]), said) {
			return rest[len(said):], true
		}
	}
	return nil, false
}

// onlyBuilds reports whether a command builds an image and writes no file: the
// context is read.
func onlyBuilds(c *Command) bool {
	rest, ok := imageBuild(c)
	if !ok {
		return false
	}
	_, writes := getopt(rest, words(buildOptions)).value("o", "output", "iidfile", "metadata-file")
	return !writes
}

func (c *Command) name() string {
	if !c.Words[0].Exact() {
		return ""
	}
	return path.Base(c.Words[0].Text)
}

func texts(list []shell.Word) []string {
	var out []string
	for _, w := range list {
		out = append(out, w.Text)
	}
	return out
}

// build notes a build with these options. Words that are not known, such as an
// unset $(EXTRA_ARGS), are taken as not there: who calls may add arguments in
// any case.
func (m *machine) build(c *Command, o options) {
	operands := slices.DeleteFunc(slices.Clone(o.operands), func(w shell.Word) bool { return w.Many && strings.Trim(w.Text, shell.Hole) == "" })
	if len(operands) == 0 {
		return
	}
	context := operands[len(operands)-1]
	call := Call{Args: map[string]*dockerfile.Variable{}, At: fact.Note{At: c.At, Text: "builds the image"}}
	for _, opt := range o.list {
		switch opt.name {
		case "build-arg":
			name, value, given := strings.Cut(opt.value.Text, "=")
			switch v := part(opt.value, value); {
			case strings.Contains(name, shell.Hole):
			case given:
				call.Args[name] = shellArgument(v.Value)
			default:
				if env := c.Getenv(name); env.Set != shell.No {
					call.Args[name] = shellArgument(env.Value)
				}
			}
		case "platform":
			call.Platforms = platforms([]string{opt.value.Text})
		case "target":
			call.Target = opt.value.Text
		case "t", "tag":
			call.tag(opt.value.Text, opt.value.At)
		}
	}
	if strings.Contains(call.Target, shell.Hole) || remote(context.Text) {
		return
	}
	m.buildIn(c, call, context, o)
}

// buildIn finds the context and the Dockerfile.
func (m *machine) buildIn(c *Command, call Call, context shell.Word, o options) {
	dir, ok := c.absolute(context)
	if context.Text == "-" {
		dir, ok = "", false // the Dockerfile, or an archive, comes through a pipe
	}
	file := path.Join(dir, "Dockerfile")
	if w, given := o.value("f", "file"); given {
		at, known := c.absolute(w)
		if !known {
			return
		}
		file = at
	} else if !ok {
		return
	}
	origin := m.Tree.Lookup(file)
	if origin.Kind != FromContext || origin.Dir {
		return
	}
	call.Dockerfile = origin.Path
	if ok {
		m.give(&call, dir)
	}
	m.calls = append(m.calls, call)
}

// give makes a folder of the machine the context of a call.
func (m *machine) give(call *Call, dir string) {
	p, ok := m.inRepo(dir)
	if ok {
		call.Context = fact.Of(p, fact.High, call.At)
	}
	if !ok || !m.untouched() {
		call.files, call.folder = m.Tree, dir
	}
}
