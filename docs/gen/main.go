//go:build ignore

// Gen writes the pages of the rules, their index and the example of the README.
// It runs in docs, by go generate.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/goseaworthy/seaworthy/internal/docgen"
	"github.com/goseaworthy/seaworthy/rules"
)

func main() {
	log.SetFlags(0)
	root := ".."
	files, err := docgen.Generate(os.DirFS(root), rules.All())
	if err != nil {
		log.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(root, docgen.Dir)); err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
