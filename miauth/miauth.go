// Package miauth gets tokens by MiAuth: a user opens a page of the instance,
// approves of what a program asks for, and the program fetches a token. Misskey
// has it since 12.27.
//
// A program with a terminal logs its user in with [Login]:
//
//	grant, err := miauth.Login(ctx, "misskey.example", miauth.Options{
//		Name:        "mycli",
//		Permissions: []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes},
//	})
//	if err != nil {
//		return err
//	}
//	save(grant.Token())
//	mk := grant.Client()
//
// A web service uses [Web]. Other programs begin a [Session] with [Start], show its
// [Session.URL] and ask with [Session.Check] or [Session.Wait]. Packages oauth and
// appauth have the same functions, and return the same grants and errors.
//
// The instance hands a token out once: keep it. It does not expire; its owner can
// revoke it in the settings of the instance. misskey.PermissionsFor returns the
// permissions that a program needs.
package miauth

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/login"
)

// DefaultTimeout is how long [Session.Wait] and [Login] wait for a user.
const DefaultTimeout = login.DefaultTimeout

// Options say who asks, and for what.
type Options struct {
	// Name is what the page of the instance calls the program.
	Name string

	// Icon is the URL of a picture for that page, if any.
	Icon string

	// Callback is the URL to which the browser goes after the user has
	// approved, with the parameter session added, or empty to go nowhere. It is
	// absolute, of any scheme but javascript, file, data, mailto, tel and
	// vbscript, and best has no percent signs in it: the page of Misskey
	// decodes it twice. [Login] and [Web] have callbacks of their own.
	Callback string

	// Permissions are what the token will be good for. The user can only accept
	// all of them or none. Without any it is good for almost nothing.
	Permissions []gen.Permission

	// AnyPermission allows permissions that package gen does not know, such as
	// those of a fork. Misskey passes over what it does not know in silence, so
	// that a mistyped permission would be missing from the token.
	AnyPermission bool

	// Timeout is how long to wait for the user; [DefaultTimeout] if it is 0.
	Timeout time.Duration

	// Client are options of the client that talks to the instance, such as
	// misskey.WithUserAgent.
	Client []misskey.Option

	// OpenBrowser opens a URL in the browser of the user, for [Login]. Without
	// it the browser of the system is used, if there is one.
	OpenBrowser func(url string) error

	// Output is where [Login] prints the URL, for users without a browser on this
	// machine. Nil means the standard error.
	Output io.Writer
}

// refusedSchemes are those of callbacks that Misskey does not open, after it has
// made a token.
var refusedSchemes = []string{"javascript", "file", "data", "mailto", "tel", "vbscript"}

// maxName is how long the name of an app may be; Misskey fails beyond.
const maxName = 128

func (o *Options) check() error {
	if len(o.Name) > maxName {
		return fmt.Errorf("the name has %d bytes, Misskey takes up to %d", len(o.Name), maxName)
	}
	for _, p := range o.Permissions {
		switch {
		case strings.ContainsAny(string(p), ", ") || p == "":
			return fmt.Errorf("%q is no permission", p)
		case !o.AnyPermission && !slices.Contains(gen.Permissions(), p):
			return fmt.Errorf("the permission %q is not among those that a consent page of Misskey grants: see gen.Permissions; AnyPermission allows it", p)
		}
	}
	if o.Timeout < 0 {
		return fmt.Errorf("the timeout is negative: %v", o.Timeout)
	}
	for what, address := range map[string]string{"callback": o.Callback, "icon": o.Icon} {
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme == "" {
			return fmt.Errorf("the %s is not an absolute URL", what)
		}
		if slices.Contains(refusedSchemes, strings.ToLower(u.Scheme)) {
			return fmt.Errorf("the %s is of the scheme %s, which Misskey does not open", what, u.Scheme)
		}
	}
	return nil
}
