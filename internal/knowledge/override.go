package knowledge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/nearest"
)

// ImageOverride is what the configuration knows of an image.
type ImageOverride struct {
	pattern string
	ref     Ref    // of a pattern without wildcard
	prefix  string // registry/path/ of a pattern with one
	facts   Image
}

// overrideKeys are the keys of an image in the configuration and what each of
// them sets.
func overrideKeys() map[string]func(*Image, any) error {
	return map[string]func(*Image, any) error{
		"libc": func(i *Image, v any) error {
			err := text(v, func(s string) error { return i.Libc.UnmarshalText([]byte(s)) })
			i.Loader = i.Libc
			return err
		},
		"libc_version":    func(i *Image, v any) error { return text(v, set(&i.LibcVersion)) },
		"shell":           func(i *Image, v any) error { return tri(v, &i.Shell) },
		"ca_certs":        func(i *Image, v any) error { return tri(v, &i.CACerts) },
		"tzdata":          func(i *Image, v any) error { return tri(v, &i.TZData) },
		"default_user":    func(i *Image, v any) error { return text(v, set(&i.DefaultUser)) },
		"package_manager": func(i *Image, v any) error { return text(v, set(&i.PackageManager)) },
		"gotoolchain":     func(i *Image, v any) error { return text(v, set(&i.GOTOOLCHAIN)) },
		"tools": func(i *Image, v any) error {
			list, ok := v.([]any)
			if !ok {
				return errors.New("is not a list of names")
			}
			for _, e := range list {
				if err := text(e, func(s string) error { i.tools[s] = Yes; return nil }); err != nil {
					return err
				}
			}
			return nil
		},
		"gcc": func(i *Image, v any) error {
			var t Tri
			err := tri(v, &t)
			if t.Known() {
				i.tools["gcc"] = t
			}
			return err
		},
		"go": func(i *Image, v any) error {
			return text(v, func(s string) error {
				i.Go = goOfTag(strings.TrimPrefix(s, "go"))
				if i.Go.Minor == "" {
					return fmt.Errorf("%q is no Go version such as 1.25 or 1.25.3", s)
				}
				return nil
			})
		},
	}
}

// ParseOverride reads one entry of [images]: the pattern repo, repo:tag or
// repo/* and its keys as a TOML decoder returns them. Booleans stand for yes
// and no. What is not said is unknown. An unknown key is an error that names
// the nearest right one.
func ParseOverride(pattern string, values map[string]any) (ImageOverride, error) {
	o := ImageOverride{pattern: pattern, facts: Image{tools: map[string]Tri{}}}
	if err := o.parsePattern(); err != nil {
		return o, fmt.Errorf("images.%q: %w", pattern, err)
	}
	keys := overrideKeys()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		set := keys[key]
		if set == nil {
			return o, fmt.Errorf("images.%q: unknown key %q%s", pattern, key, suggestion(key, slices.Sorted(maps.Keys(keys))))
		}
		if err := set(&o.facts, values[key]); err != nil {
			return o, fmt.Errorf("images.%q: %s: %w", pattern, key, err)
		}
	}
	return o, nil
}

func set(field *string) func(string) error {
	return func(s string) error {
		*field = s
		return nil
	}
}

func text(v any, use func(string) error) error {
	switch v := v.(type) {
	case string:
		return use(v)
	case int64:
		return use(fmt.Sprint(v)) // default_user = 1000
	case float64:
		return fmt.Errorf("write it in quotes: %v is a number, and 1.20 would be 1.2", v)
	}
	return fmt.Errorf("%v is not a text", v)
}

func tri(v any, t *Tri) error {
	switch v := v.(type) {
	case bool:
		*t = TriOf(v)
		return nil
	case string:
		return t.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("%v is not true or false", v)
}

// suggestion names the key nearest to what was written, if one is near.
func suggestion(key string, keys []string) string {
	if hint := nearest.DidYouMean(key, keys); hint != "" {
		return hint
	}
	return "; the keys are " + strings.Join(keys, ", ")
}

// parsePattern reads repo, repo:tag or repo/*.
func (o *ImageOverride) parsePattern() error {
	prefix, wild := strings.CutSuffix(o.pattern, "/*")
	if !wild {
		var err error
		if o.ref, err = ParseRef(o.pattern); err == nil && o.ref.Digest != "" {
			err = errors.New("a pattern is repo, repo:tag or repo/*")
		}
		return err
	}
	r, err := ParseRef(prefix + "/x")
	if err != nil {
		return err
	}
	o.prefix = r.Registry + "/" + strings.TrimSuffix(r.Repository, "x")
	if prefix == "docker.io" {
		o.prefix = "docker.io/" // all of the Hub, not only library/
	}
	return nil
}

// matches reports whether the override speaks of the reference, by its name as
// written or as Docker completes it.
func (o *ImageOverride) matches(ref Ref) bool {
	if o.prefix != "" {
		return strings.HasPrefix(ref.Registry+"/"+ref.Repository, o.prefix)
	}
	return o.ref.Registry == ref.Registry && o.ref.Repository == ref.Repository &&
		(o.ref.Tag == "" || o.ref.Tag == ref.EffectiveTag())
}

// override returns the override with the longest pattern, the last of equals.
func (b *Base) override(ref Ref) *ImageOverride {
	var best *ImageOverride
	for i := range b.overrides {
		o := &b.overrides[i]
		if o.matches(ref) && (best == nil || len(o.pattern) >= len(best.pattern)) {
			best = o
		}
	}
	return best
}

func (o *ImageOverride) image() Image {
	i := o.facts
	i.Known, i.Configured, i.Source = true, true, "[images] of the configuration"
	i.tools = maps.Clone(i.tools)
	i.Why = "the configuration says what " + o.pattern + " is"
	return i
}
