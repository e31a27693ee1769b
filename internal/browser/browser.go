// Package browser drives a real browser in tests.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// names are what the browser may be called.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// timeout is how long a test may take in a browser.
const timeout = time.Minute

// A Tab is one of a browser that ends with its test. Its methods fail the test
// where the page does not do what they want; they can be called from any
// goroutine, but one after the other.
type Tab struct {
	t   *testing.T
	ctx context.Context
}

// New starts a headless Chromium with an empty profile. Where there is none the
// test is skipped; with MISSKEY_TEST_BROWSER=required, which CI sets, it fails.
// language is what pages are asked for, such as "en".
func New(t *testing.T, language string) *Tab {
	t.Helper()
	program := find()
	switch {
	case program != "":
	case os.Getenv("MISSKEY_TEST_BROWSER") == "required":
		t.Fatalf("there is no browser: none of %q can be found", names)
	default:
		t.Skipf("there is no browser: none of %q can be found; install Chromium to run this test", names)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, // because CI is root
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("accept-lang", language),
		chromedp.WindowSize(400, 800),
	)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	tab := &Tab{t, ctx}
	if _, err := chromedp.Run(ctx, chromedp.Location()); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	return tab
}

func find() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Do does something with the page.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, steps...); err != nil {
		tab.t.Errorf("in the browser: %v", err)
	}
}

// Open goes to an address.
func (tab *Tab) Open(address string) {
	tab.t.Helper()
	tab.Do(chromedp.Navigate(address))
}

// Click clicks on what a CSS selector finds.
func (tab *Tab) Click(css string) {
	tab.t.Helper()
	tab.Do(chromedp.Click(chromedp.CSS(css)))
}

// Choose chooses an option of a select.
func (tab *Tab) Choose(css, value string) {
	tab.t.Helper()
	tab.Do(chromedp.SetValue(chromedp.CSS(css), value))
}

// Text waits for what a CSS selector finds, and returns its text.
func (tab *Tab) Text(css string) string {
	tab.t.Helper()
	text, err := chromedp.Run(tab.ctx, chromedp.Text(chromedp.CSS(css)))
	if err != nil {
		tab.t.Errorf("in the browser: %v", err)
	}
	return text
}

// Address is where the tab is.
func (tab *Tab) Address() string {
	tab.t.Helper()
	address, err := chromedp.Run(tab.ctx, chromedp.Location())
	if err != nil {
		tab.t.Errorf("in the browser: %v", err)
	}
	return address
}

// Back goes back in the history.
func (tab *Tab) Back() {
	tab.t.Helper()
	tab.Do(chromedp.NavigateBack())
}
