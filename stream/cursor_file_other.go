//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package stream

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// lockFile fails: the standard library has no lock for this system that ends with
// the process.
func lockFile(string) (*os.File, error) {
	return nil, fmt.Errorf("files cannot be locked on %s; use another Cursor: %w", runtime.GOOS, errors.ErrUnsupported)
}

func syncDir(string) error { return nil }
