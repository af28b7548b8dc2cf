package buildplan

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/kofile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// koDefaultBase is the base where nobody names one (pkg/commands/options/build.go,
// configDefaultBaseImage; GoReleaser, internal/pipe/ko).
const koDefaultBase = "cgr.dev/chainguard/static:latest"

// image puts together what ko is told about one program. ok is false where it
// makes no image for Linux of it.
func (k *koRun) image(main *goprogram.Package, at source.Span) (in *koImage, ok bool) {
	if main == nil {
		return nil, false
	}
	in = &koImage{main: main, at: at, asked: k.at, trail: k.trail, machine: k.machine, base: k.base(main)}
	if user, given := k.options.value("image-user"); given {
		in.user, in.userBy = user.Value, "--image-user"
		if at := user.At; strings.HasSuffix(at.Text(), user.Text) {
			in.user.At = at.Sub(at.Len()-len(user.Text), at.Len())
		}
	}
	if in.platforms, in.platform, ok = k.platform(); !ok {
		return nil, false
	}
	s := k.settings(main)
	in.env = koEnv(k.env, in.platform, at, s.Env)
	in.flags = k.flags(s)
	return in, true
}

// base is the base image of a program: that of baseImageOverrides, of the
// environment, of the configuration, or the default.
func (k *koRun) base(main *goprogram.Package) shell.Value {
	given := k.env.Getenv("KO_DEFAULTBASEIMAGE")
	override := yamlfile.Value{}
	if k.config != nil {
		override = k.config.Override(main.Path)
	}
	switch {
	case k.open:
		return shell.Unknown(source.Span{}, "the configuration of ko is not known")
	case override.Given() && override.Text != "":
		return koImageName(override)
	case given.Set == shell.Maybe || !given.Known():
		return shell.Unknown(given.At, given.Why.Text)
	case given.Set == shell.Yes && given.Text != "":
		return noScratch(given.Value)
	case k.config != nil && k.config.BaseImage.Given():
		return koImageName(k.config.BaseImage)
	}
	return shell.Known(koDefaultBase, source.Span{})
}

func koImageName(v yamlfile.Value) shell.Value {
	if !v.Known {
		return shell.Unknown(v.At, "is computed")
	}
	return noScratch(shell.Known(v.Text, v.At))
}

// noScratch is the name of a base. ko pulls it, and there is no image of the name
// scratch.
func noScratch(v shell.Value) shell.Value {
	if v.Text == "scratch" {
		v.Text = shell.Hole
	}
	return v
}

// platform returns the platforms that are asked for and the one that is modelled:
// --platform, KO_DEFAULTPLATFORMS, defaultPlatforms, GOOS and GOARCH, or
// linux/amd64 (pkg/commands/resolver.go, gobuildOptions).
func (k *koRun) platform() (all []string, one string, ok bool) {
	var list []string
	flags := slices.DeleteFunc(slices.Clone(k.options.list), func(o option) bool { return o.name != "platform" })
	env := k.env.Getenv("KO_DEFAULTPLATFORMS")
	switch {
	case len(flags) > 0:
		for _, o := range flags {
			list = append(list, o.value.Text)
		}
	case env.Set == shell.Yes && env.Text != "":
		list = strings.Fields(env.Text)
	case k.config != nil && len(k.config.Platforms.Items) > 0:
		list = k.config.Platforms.Texts()
	default:
		goos, goarch := k.env.Getenv("GOOS"), k.env.Getenv("GOARCH")
		if goos.Set == shell.Yes && goarch.Set == shell.Yes && goos.Text != "" && goarch.Text != "" {
			list = []string{goos.Text + "/" + goarch.Text}
		}
	}
	return koPlatform(list)
}

// koPlatform chooses from platforms: those that are not complete, such as all or
// linux, are those of the base.
func koPlatform(list []string) (all []string, one string, ok bool) {
	all = platforms(list)
	linux := slices.DeleteFunc(slices.Clone(all), func(p string) bool { return !strings.HasPrefix(p, "linux/") })
	switch {
	case len(linux) > 0:
		return all, Call{Platforms: linux}.platform(), true
	case len(all) > 0:
		return nil, "", false
	}
	return nil, Call{}.platform(), true
}

// settings are those of the builds entry of a program, each list with the default
// in its place where it is empty (pkg/build/gobuild.go, configForImportPath and
// buildOne).
func (k *koRun) settings(main *goprogram.Package) kofile.Settings {
	var c kofile.Config
	var s kofile.Settings
	if k.config != nil {
		c = *k.config.Config
		if dir, ok := under(k.machine.root, k.dir); ok {
			s = k.config.builds(k.repo, dir)[main]
		}
	}
	if len(s.Env.Items) == 0 && !s.Env.Open {
		s.Env = k.variableOr("KO_DEFAULTENV", c.Defaults).Env
	}
	if len(s.Flags.Items) == 0 && !s.Flags.Open {
		s.Flags = k.variableOr("KO_DEFAULTFLAGS", c.Defaults).Flags
	}
	if len(s.Ldflags.Items) == 0 && !s.Ldflags.Open {
		s.Ldflags = k.variableOr("KO_DEFAULTLDFLAGS", c.Defaults).Ldflags
	}
	return s
}

// variableOr gives the defaults, which are not known where a variable of the
// environment may replace them.
func (k *koRun) variableOr(name string, defaults kofile.Settings) kofile.Settings {
	if v := k.env.Getenv(name); k.open || v.Set != shell.No && (!v.Known() || v.Text != "") {
		at := k.at.At
		return kofile.Settings{Env: yamlfile.Dict{At: at, Open: true}, Flags: yamlfile.List{At: at, Open: true}, Ldflags: yamlfile.List{At: at, Open: true}}
	}
	return defaults
}

// flags are those of go build: of the configuration, what options of ko stand for,
// and -ldflags. What is not known of them may be any flag.
func (k *koRun) flags(s kofile.Settings) []shell.Word {
	list := koFlags(s.Flags)
	list = append(list, fixed("-trimpath", k.at.At))
	if k.options.has("disable-optimizations") {
		list = append(list, fixed("-gcflags", k.at.At), fixed("all=-N -l", k.at.At))
	}
	if w, given := k.options.value("ldflags"); given {
		return append(list, prefixed("-ldflags=", w.Value))
	}
	return append(list, joinedFlag("-ldflags=", s.Ldflags, " ")...)
}

func koFlags(l yamlfile.List) []shell.Word {
	var list []shell.Word
	for _, v := range l.Items {
		list = append(list, shell.Word{Value: valueOf(v)})
	}
	if l.Open {
		list = append(list, shell.Word{Value: shell.Unknown(l.At, "may be any flag"), Many: true})
	}
	return list
}

// koEnv is the environment of the go command (pkg/build/gobuild.go, buildEnv):
// ko's defaults, over them what its own environment has, over that the
// configuration.
func koEnv(own *shell.Env, platform string, at source.Span, d yamlfile.Dict) *shell.Env {
	parts := strings.SplitN(platform+"//", "/", 4)
	env := own
	for _, v := range []struct {
		name, value string
		at          source.Span
	}{{"CGO_ENABLED", "0", at}, {"GOOS", parts[0], source.Span{}}, {"GOARCH", parts[1], source.Span{}}} {
		if own.Getenv(v.name).Set == shell.No {
			env = env.Export(v.name, shell.Known(v.value, v.at))
		}
	}
	if d.Open {
		why := shell.Reason{At: d.At, Text: "the configuration of ko may set it"}
		for _, name := range append([]string{"CC", "CXX", "CGO_LDFLAGS", "GO_EXTLINK_ENABLED"}, buildVariables...) {
			env = env.With(name, shell.Anything(why))
		}
	}
	return withEnv(env, d)
}
