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
//	mk, err := misskey.New("misskey.example", misskey.WithToken(grant.Token()))
//
// A web service uses [Web]. Whoever wants to do the steps alone makes a [Session],
// shows its [Session.URL] and asks with [Session.Check] or [Session.Wait].
//
// The instance hands a token out once: who has it must keep it. It does not
// expire; its owner can revoke it in the settings of the instance.
// misskey.PermissionsFor tells which permissions a program needs.
package miauth

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/secret"
)

// DefaultTimeout is how long [Session.Wait] and [Login] wait for a user.
const DefaultTimeout = 5 * time.Minute

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

	// Timeout is how long to wait for the user, [DefaultTimeout] if it is 0.
	Timeout time.Duration

	// Client are options of the client that talks to the instance, such as
	// misskey.WithUserAgent.
	Client []misskey.Option

	// OpenBrowser opens a URL in the browser of the user, for [Login]. Without
	// it the browser of the system is used, if there is one.
	OpenBrowser func(url string) error

	// Output is where [Login] prints the URL for the user to open by hand where
	// there is no browser; the standard error if it is nil.
	Output io.Writer
}

// A Session is one attempt to get a token. It can be used by several goroutines
// at once.
type Session struct {
	id      secret.Text
	mk      *misskey.Client
	options Options

	checking chan struct{} // holds one while nobody asks
	grant    *Grant        // the first that was granted; guarded by checking
}

// New begins a session with an instance, which is given as for misskey.New.
// Nothing is sent before [Session.Check].
func New(instance string, opts Options) (*Session, error) {
	return resume(instance, uuid.NewString(), opts)
}

// resume continues a session whose id is known.
func resume(instance, id string, opts Options) (*Session, error) {
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("miauth: %w", err)
	}
	mk, err := misskey.New(instance, opts.Client...)
	if err != nil {
		return nil, fmt.Errorf("miauth: %w", err)
	}
	s := &Session{id: secret.New(id), mk: mk, options: opts, checking: make(chan struct{}, 1)}
	s.checking <- struct{}{}
	return s, nil
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

func (o *Options) timeout() time.Duration {
	if o.Timeout == 0 {
		return DefaultTimeout
	}
	return o.Timeout
}

// URL is the page for the user to open. Who knows it can fetch the token: show it
// to the user alone.
func (s *Session) URL() string { return s.urlWith(s.options.Callback) }

func (s *Session) urlWith(callback string) string {
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			// Once more, because the page decodes twice; only where it matters.
			query.Set(name, strings.ReplaceAll(value, "%", "%25"))
		}
	}
	set("name", s.options.Name)
	set("icon", s.options.Icon)
	set("callback", callback)
	var permissions []string
	for _, p := range s.options.Permissions {
		permissions = append(permissions, string(p))
	}
	set("permission", strings.Join(permissions, ","))
	address := s.mk.BaseURL() + "/miauth/" + s.id.Reveal()
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

// String does not tell the session, which is a secret.
func (s *Session) String() string { return "miauth session with " + s.mk.BaseURL() }

// ErrNotGranted says that there is no token, or not yet.
var ErrNotGranted = errors.New("miauth: not granted")
