//go:build unix

package repo

import (
	"io/fs"
	"os"
	"syscall"
)

// readDir reads an open folder through a second descriptor: of a file that was
// opened in an os.Root package os remembers that, and calls lstat for each
// name, so that Info works there.
func readDir(f *os.File) ([]fs.DirEntry, error) {
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return nil, &fs.PathError{Op: "dup", Path: f.Name(), Err: err}
	}
	plain := os.NewFile(uintptr(fd), f.Name())
	defer plain.Close()
	return plain.ReadDir(-1)
}
