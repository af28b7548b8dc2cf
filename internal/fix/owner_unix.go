//go:build unix

package fix

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a new file the owner and group that the old one has: fixing
// as root, as in a container, must not take a file away from its user.
func keepOwner(root *os.Root, name string, old fs.FileInfo) error {
	want, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if got, ok := info.Sys().(*syscall.Stat_t); ok && got.Uid == want.Uid && got.Gid == want.Gid {
		return nil
	}
	return root.Chown(name, int(want.Uid), int(want.Gid))
}
