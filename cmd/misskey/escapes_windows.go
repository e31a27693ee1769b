package main

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// enableEscapes makes the console obey escape sequences, and reports whether it
// does. Consoles before Windows 10 do not.
func enableEscapes(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return true
	}
	var mode uint32
	h := windows.Handle(f.Fd())
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
