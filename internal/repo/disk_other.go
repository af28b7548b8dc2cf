//go:build !unix

package repo

import (
	"io/fs"
	"os"
)

func readDir(f *os.File) ([]fs.DirEntry, error) { return f.ReadDir(-1) }
