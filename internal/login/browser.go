package login

import (
	"os"
	"os/exec"
	"runtime"
)

// systemBrowser returns what opens a URL in the browser of the user, or nil where
// there is none on the screen that the user sits at.
func systemBrowser() func(url string) error {
	if os.Getenv("SSH_CONNECTION") != "" || os.Getenv("SSH_TTY") != "" {
		return nil
	}
	var program string
	var args []string
	switch runtime.GOOS {
	case "darwin":
		program = "open"
	case "windows":
		program, args = "rundll32", []string{"url.dll,FileProtocolHandler"}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return nil
		}
		program = "xdg-open"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil
	}
	return func(url string) error { return exec.Command(path, append(args, url)...).Run() }
}
