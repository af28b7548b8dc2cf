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
	if fd, ok := descriptor(dir, name); ok {
		return os.NewFile(uintptr(fd), name)
	}
	return nil
}

// headBeneath reads the first bytes of a file as openBeneath opens it, without
// the cost of an os.File. ok is false where it cannot.
func headBeneath(dir *os.File, name string, buf []byte) (n int, ok bool) {
	fd, ok := descriptor(dir, name)
	if !ok {
		return 0, false
	}
	defer unix.Close(fd)
	for n < len(buf) {
		more, err := unix.Read(fd, buf[n:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, false
		case more == 0:
			return n, true
		default:
			n += more
		}
	}
	return n, true
}

func descriptor(dir *os.File, name string) (fd int, ok bool) {
	if !fs.ValidPath(name) {
		return 0, false
	}
	how := unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	fd, err := unix.Openat2(int(dir.Fd()), name, &how)
	return fd, err == nil
}
