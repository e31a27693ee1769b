package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile puts data into the named file and reports whether that changed it.
// A file that holds data already is left alone. Otherwise the new content takes
// the place of the old in one step, with the old permissions: nobody sees half
// a file, and a failure leaves the old one.
func WriteFile(name string, data []byte) (changed bool, err error) {
	mode := fs.FileMode(0o644)
	target, err := filepath.EvalSymlinks(name) // a link stays a link
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target = name
	case err != nil:
		return false, err
	default:
		info, err := os.Stat(target)
		if err != nil {
			return false, err
		}
		if !info.Mode().IsRegular() {
			return false, fmt.Errorf("%s: is not a regular file, so it is not replaced", name)
		}
		mode = info.Mode().Perm()
		old, err := os.ReadFile(target)
		if err == nil && bytes.Equal(old, data) {
			return false, nil
		}
	}
	if err := replace(target, data, mode); err != nil {
		return false, fmt.Errorf("writing %s: %w", name, err)
	}
	return true, nil
}

// replace writes a new file and moves it to name.
func replace(name string, data []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
