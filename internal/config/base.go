package config

import (
	"fmt"
	"io/fs"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Base returns the tables to judge by: those in the folder of fsys, the root of
// the repository, that the configuration names, or ours, with what it says
// about images; nil, which stands for ours, where it says nothing. Errors name
// the file and the line.
func (c *Config) Base(fsys fs.FS) (*knowledge.Base, error) {
	if c.Knowledge.Value == "" && len(c.Images) == 0 {
		return nil, nil
	}
	base := knowledge.Default()
	if dir := c.Knowledge.Value; dir != "" {
		tables, err := fs.Sub(fsys, dir)
		if err != nil {
			return nil, err
		}
		if base, err = knowledge.Load(tables); err != nil {
			return nil, placed(c.Knowledge.At, err)
		}
	}
	var overrides []knowledge.ImageOverride
	for _, image := range c.Images {
		o, err := knowledge.ParseOverride(image.Name.Value, image.Keys)
		if err != nil {
			return nil, placed(image.Name.At, err)
		}
		overrides = append(overrides, o)
	}
	return base.WithImages(overrides), nil
}

// placed says at which line something is wrong.
func placed(at source.Span, err error) error {
	return fmt.Errorf("%s: line %d: %w", at.File.Path, at.Begin().Line, err)
}
