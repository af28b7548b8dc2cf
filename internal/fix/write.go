package fix

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// ErrChanged says that a file is not as it was when it was judged.
var ErrChanged = errors.New("it has changed since it was read")

// Write replaces the files below root, each at once and all or none: what is
// wrong with one of them is known before the first is touched, and where the
// last step fails the others are put back. Modes and owners are kept. A file
// that has changed, or is a symbolic link, is refused.
func Write(root *os.Root, changes []Change) error {
	var all []staged
	defer func() {
		for _, s := range all {
			_ = root.Remove(s.temp) // gone where it took its place
		}
	}()
	for _, c := range changes {
		s, err := stage(root, c)
		if err != nil {
			return fmt.Errorf("writing %s: %w", c.File.Path, cause(err))
		}
		all = append(all, s)
	}
	for i, s := range all {
		if err := root.Rename(s.temp, s.File.Path); err != nil {
			return errors.Join(fmt.Errorf("writing %s: %w", s.File.Path, cause(err)), restore(root, all[:i]))
		}
	}
	return nil
}

// staged is a change whose new contents lie beside the file.
type staged struct {
	Change
	temp string
	mode fs.FileMode
}

func stage(root *os.Root, c Change) (staged, error) {
	info, err := root.Lstat(c.File.Path)
	if err != nil {
		return staged{}, err
	}
	if !info.Mode().IsRegular() {
		return staged{}, errors.New("it is a symbolic link or no regular file")
	}
	if err := unchanged(root, c); err != nil {
		return staged{}, err
	}
	s := staged{Change: c, mode: info.Mode().Perm()}
	s.temp, err = writeTemp(root, path.Dir(c.File.Path), c.New)
	if err != nil {
		return staged{}, err
	}
	if err := errors.Join(root.Chmod(s.temp, s.mode), keepOwner(root, s.temp, info)); err != nil {
		return staged{}, errors.Join(err, root.Remove(s.temp))
	}
	return s, nil
}

// unchanged opens the file for writing, which a file that its owner has
// protected does not allow, and compares its contents.
func unchanged(root *os.Root, c Change) error {
	f, err := root.OpenFile(c.File.Path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	now := make([]byte, len(c.File.Data())+1)
	n, err := f.ReadAt(now, 0)
	if err == nil || !bytes.Equal(now[:n], c.File.Data()) {
		return ErrChanged
	}
	return nil
}

// writeTemp writes a new file in dir and returns its name.
func writeTemp(root *os.Root, dir string, data []byte) (string, error) {
	for i := range 1000 {
		name := path.Join(dir, fmt.Sprintf(".seaworthy-fix-%d.tmp", i))
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return "", errors.Join(err, root.Remove(name))
		}
		return name, nil
	}
	return "", errors.New("too many files are left behind by runs that were cut short")
}

// restore puts back what the files held.
func restore(root *os.Root, done []staged) error {
	var errs []error
	for _, s := range done {
		if err := root.WriteFile(s.File.Path, s.File.Data(), s.mode); err != nil {
			errs = append(errs, fmt.Errorf("putting back %s: %w", s.File.Path, cause(err)))
		}
	}
	return errors.Join(errs...)
}

// cause returns what the system says without its name of the call and the file.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
