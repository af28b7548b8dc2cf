package repo

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openBeneath opens a file or folder below dir in one call that the kernel
// keeps from leading out of it, through ".." or links. It returns nil where it
// cannot, for whatever reason: the caller then tries what works everywhere
// (openat2 is there since Linux 5.6, and some sandboxes forbid it).
func openBeneath(dir *os.File, name string) *os.File {
	if !fs.ValidPath(name) {
		return nil
	}
	how := unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	fd, err := unix.Openat2(int(dir.Fd()), name, &how)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(fd), name)
}
