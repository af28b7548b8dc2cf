package oracle

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// texts returns the texts of words.
func texts(words []dockerfile.Word) []string {
	list := []string{}
	for i := range words {
		list = append(list, words[i].Text)
	}
	return list
}

// typed compares the typed form of an instruction that BuildKit accepts.
func (c *comparison) typed(ins *dockerfile.Instruction, cmd any) {
	switch k := cmd.(type) {
	case *instructions.Stage:
		c.equal("FROM", ins.From.Image.Text, k.BaseName)
		c.equal("AS", strings.ToLower(ins.From.Name.Text), k.Name)
		c.equal("platform", ins.From.Platform.Text, k.Platform)
		c.expansions(ins.From.Image, ins.From.Platform)
	case *instructions.RunCommand:
		c.command(ins, k.ShellDependantCmdLine)
		c.equal("network", ins.Run.Network, instructions.GetNetwork(k))
		c.equal("security", ins.Run.Security, instructions.GetSecurity(k))
		c.mounts(ins, k)
	case *instructions.CmdCommand:
		c.command(ins, k.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		c.command(ins, k.ShellDependantCmdLine)
	case *instructions.ShellCommand:
		c.equal("SHELL", texts(ins.Command.Exec), k.Shell)
	case *instructions.HealthCheckCommand:
		c.health(ins, k)
	case *instructions.EnvCommand:
		c.pairs(ins, k.Env)
	case *instructions.LabelCommand:
		c.pairs(ins, k.Labels)
	case *instructions.ArgCommand:
		c.args(ins, k)
	case *instructions.CopyCommand:
		c.copy(ins, k.SourcesAndDest, k.ExcludePatterns, k.Chown, k.Chmod, k.Link)
		c.equal("--from", ins.Copy.From.Text, k.From)
		c.equal("--parents", ins.Copy.Parents, k.Parents)
	case *instructions.AddCommand:
		c.copy(ins, k.SourcesAndDest, k.ExcludePatterns, k.Chown, k.Chmod, k.Link)
	case *instructions.UserCommand:
		c.single(ins, k.User)
	case *instructions.WorkdirCommand:
		c.single(ins, k.Path)
	case *instructions.StopSignalCommand:
		c.single(ins, k.Signal)
	case *instructions.MaintainerCommand:
		c.single(ins, k.Maintainer)
	case *instructions.ExposeCommand:
		c.expose(ins, k)
	case *instructions.VolumeCommand:
		c.equal("VOLUME", texts(ins.Words), k.Volumes)
		c.expansions(ins.Words...)
	case *instructions.OnbuildCommand:
		c.trigger(ins, k)
	default:
		c.errorf("no comparison for %T", cmd)
	}
}

func (c *comparison) single(ins *dockerfile.Instruction, want string) {
	c.equal(ins.Cmd, texts(ins.Words), []string{want})
	c.expansions(ins.Words...)
}

func (c *comparison) command(ins *dockerfile.Instruction, want instructions.ShellDependantCmdLine) {
	c.equal("shell form", !ins.Command.JSON, want.PrependShell)
	if ins.Command.JSON {
		c.equal("exec form", texts(ins.Command.Exec), append([]string{}, want.CmdLine...))
		return
	}
	line := strings.Join(want.CmdLine, " ")
	c.equal("bracket", ins.Command.Bracket, strings.HasPrefix(line, "["))
	script := false
	switch {
	case len(want.Files) == 0:
	case parser.MustParseHeredoc(line) != nil: // as dispatchRun in dockerfile2llb
		script = true
		line = want.Files[0].Data
		if want.Files[0].Chomp {
			line = parser.ChompHeredocContent(line)
		}
	default:
		for _, f := range want.Files {
			line += "\n" + f.Data + f.Name
		}
	}
	c.equal("script", ins.Command.Script != nil, script)
	c.equal("shell text", ins.Command.Shell.Text, line)
}

func (c *comparison) health(ins *dockerfile.Instruction, want *instructions.HealthCheckCommand) {
	test := []string{strings.ToUpper(ins.Health.Type.Text)}
	if cmd := ins.Command; cmd != nil && cmd.JSON {
		test = append(test, texts(cmd.Exec)...)
	} else if cmd != nil {
		test = []string{"CMD-SHELL", cmd.Shell.Text}
	}
	c.equal("HEALTHCHECK", test, want.Health.Test)
}

func (c *comparison) pairs(ins *dockerfile.Instruction, want instructions.KeyValuePairs) {
	c.equal("number of pairs", len(ins.Pairs), len(want))
	for i := range min(len(want), len(ins.Pairs)) {
		p := ins.Pairs[i]
		c.equal("name", p.Key.Text, want[i].Key)
		c.equal("value", p.Value.Text, want[i].Value)
		c.equal("legacy form", p.Legacy, want[i].NoDelim)
		c.expansions(p.Key, p.Value)
	}
}

func (c *comparison) args(ins *dockerfile.Instruction, want *instructions.ArgCommand) {
	c.equal("number of arguments", len(ins.Pairs), len(want.Args))
	for i := range min(len(want.Args), len(ins.Pairs)) {
		p := ins.Pairs[i]
		c.equal("name", p.Key.Text, want.Args[i].Key)
		c.equal("has default", p.HasValue, want.Args[i].Value != nil)
		c.equal("default", p.Value.Text, want.Args[i].ValueString())
		c.expansions(p.Value)
	}
}

func (c *comparison) copy(ins *dockerfile.Instruction, want instructions.SourcesAndDest, exclude []string, chown, chmod string, link bool) {
	cp := ins.Copy
	c.equal("sources", texts(cp.Sources), append([]string{}, want.SourcePaths...))
	c.equal("destination", cp.Dest.Text, want.DestPath)
	c.equal("--exclude", texts(cp.Exclude), append([]string{}, exclude...))
	c.equal("--chown", cp.Chown.Text, chown)
	c.equal("--chmod", cp.Chmod.Text, chmod)
	c.equal("--link", cp.Link, link)
	c.expansions(append(slices.Clone(cp.Sources), cp.Dest, cp.Chown, cp.Chmod)...)
	c.equal("number of files", len(cp.Files), len(want.SourceContents))
	for i := range min(len(cp.Files), len(want.SourceContents)) {
		f, w := cp.Files[i], want.SourceContents[i]
		text := f.Text()
		c.equal("file name", f.Name, w.Path)
		c.equal("file expand", f.Expand, w.Expand)
		c.equal("file content", text.Text, w.Data)
		if w.Expand {
			lex := shell.NewLex('\\')
			lex.SkipProcessQuotes = true
			wantText, _, wantErr := lex.ProcessWord(w.Data, environment)
			got, err := dockerfile.ExpandHeredoc(f, lookup)
			c.result("file content", got.Text, err, wantText, wantErr)
		}
	}
}

func (c *comparison) expose(ins *dockerfile.Instruction, want *instructions.ExposeCommand) {
	got := texts(ins.Words)
	slices.Sort(got) // as BuildKit does
	c.equal("EXPOSE", got, want.Ports)
	for i := range ins.Words {
		w := &ins.Words[i]
		list, err := shell.NewLex(rune(c.ours.Escape)).ProcessWords(w.Text, environment)
		ours, _, ourErr := dockerfile.ExpandWords(&w.Joined, c.ours.Escape, lookup)
		c.result("EXPOSE "+w.Text, strings.Join(ours, "|"), ourErr, strings.Join(list, "|"), err)
	}
}

func (c *comparison) trigger(ins *dockerfile.Instruction, want *instructions.OnbuildCommand) {
	text := want.Expression
	inner, err := parser.Parse(strings.NewReader(text))
	if err != nil || len(inner.AST.Children) != 1 {
		return // not one instruction when it runs
	}
	node := inner.AST.Children[0]
	if c.ours.Escape != '\\' || strings.HasSuffix(strings.TrimSpace(text), `\`) {
		return // BuildKit reads it again when it runs: with the default escape character, as lines
	}
	if ins.Trigger == nil {
		c.equal("unknown trigger", len(text) > 0, true)
		return
	}
	sub := &comparison{ours: c.ours}
	cmd, _ := instructions.ParseInstructionWithLinter(node, lint())
	sub.equal("trigger", strings.ToLower(ins.Trigger.Cmd), strings.ToLower(node.Value))
	sub.equal("flags of the trigger", flags(ins.Trigger), append([]string{}, node.Flags...))
	if cmd != nil && node.Heredocs == nil && !isNil(cmd) {
		sub.typed(ins.Trigger, cmd)
	}
	for _, d := range sub.diffs {
		c.errorf("ONBUILD %q: %s", text, d)
	}
}

// mounts compares --mount, with variables only where they do not matter.
func (c *comparison) mounts(ins *dockerfile.Instruction, k *instructions.RunCommand) {
	if variableMount(ins) || expandMounts(k, c.ours.Escape) != nil {
		return
	}
	want := instructions.GetMounts(k)
	c.equal("number of mounts", len(ins.Run.Mounts), len(want))
	for i := range min(len(want), len(ins.Run.Mounts)) {
		m := ins.Run.Mounts[i]
		c.equal("mount type", m.Type, string(want[i].Type))
		c.equal("mount from", m.From.Text, want[i].From)
		c.equal("mount read-only", m.ReadOnly, want[i].ReadOnly)
		for _, pair := range []struct {
			word dockerfile.Word
			want string
		}{{m.Target, want[i].Target}, {m.Source, want[i].Source}, {m.ID, want[i].CacheID}} {
			got, err := dockerfile.Expand(&pair.word.Joined, c.ours.Escape, nil)
			c.result("mount", got.Text, err, pair.want, nil)
		}
	}
}

func expandMounts(k *instructions.RunCommand, escape byte) error {
	lex := shell.NewLex(rune(escape))
	return k.Expand(func(word string) (string, error) {
		text, _, err := lex.ProcessWord(word, shell.EnvsFromSlice(nil))
		return text, err
	})
}

// later returns the error BuildKit has with an instruction once it knows all
// stages (toCommand in dockerfile2llb) and expands variables.
func later(ins *dockerfile.Instruction, cmd any, f *dockerfile.File) error {
	switch k := cmd.(type) {
	case *instructions.CopyCommand:
		if k.From == "" {
			return nil
		}
		text, _, err := shell.NewLex(rune(f.Escape)).ProcessWord(k.From, shell.EnvsFromSlice(nil))
		if err != nil {
			return err
		}
		if norm(text) != norm(k.From) {
			return errors.New("variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")
		}
		if n, err := strconv.Atoi(k.From); err == nil && (n < 0 || n >= len(f.Stages)) {
			return errors.New("invalid stage index " + strconv.Itoa(n))
		}
	case *instructions.RunCommand:
		if !variableMount(ins) {
			return expandMounts(k, f.Escape)
		}
	}
	return nil
}

// environment is what words are expanded with.
var environment = shell.EnvsFromSlice([]string{"A=a", "EMPTY=", "B=b c", "PATH=/bin:/usr/bin", "VERSION=v1.2.3", "GO_VERSION=1.27", "X=*x?\\", "HOME=/root"})

func lookup(name string) *dockerfile.Variable {
	text, ok := environment.Get(name)
	if !ok {
		return nil
	}
	return &dockerfile.Variable{Text: text, Set: true, Known: true}
}

// expansions compares the expansion of words.
func (c *comparison) expansions(words ...dockerfile.Word) {
	for i := range words {
		c.expansion(&words[i].Joined)
	}
}

func (c *comparison) expansion(word *source.Joined) {
	want, wantErr := shell.NewLex(rune(c.ours.Escape)).ProcessWordWithMatches(word.Text, environment)
	got, err := dockerfile.Expand(word, c.ours.Escape, lookup)
	c.result("expansion of "+word.Text, got.Text, err, want.Result, wantErr)
	if err != nil || wantErr != nil {
		return
	}
	c.equal("known", got.Known, true)
	for _, u := range got.Uses {
		_, matched := want.Matched[u.Name]
		_, unmatched := want.Unmatched[u.Name]
		c.equal("use of "+u.Name, matched || unmatched, true)
		c.equal(u.Name+" is set", u.Variable != nil, matched)
	}
}

// result compares a text, or the errors if there are any.
func (c *comparison) result(what, got string, err error, want string, wantErr error) {
	switch {
	case err == nil && wantErr == nil:
		c.equal(what, got, want)
	case err == nil || wantErr == nil || norm(err.Error()) != norm(wantErr.Error()):
		c.errorf("%s: got error %v, want %v", what, err, wantErr)
	}
}

// variableMount reports whether a --mount holds a variable.
func variableMount(ins *dockerfile.Instruction) bool {
	return ins.Run != nil && slices.ContainsFunc(ins.Run.Mounts, func(m dockerfile.Mount) bool {
		return strings.Contains(m.At.Text(), "$")
	})
}
