package misskey

import (
	"strings"
	"testing"
)

func TestInstance(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"misskey.example", "https://misskey.example"},
		{"Misskey.Example", "https://misskey.example"},
		{"misskey.example:8443", "https://misskey.example:8443"},
		{"misskey.example:443", "https://misskey.example"},
		{"misskey.example/", "https://misskey.example"},
		{"misskey.example/api", "https://misskey.example"},
		{"https://misskey.example", "https://misskey.example"},
		{"HTTPS://misskey.example/", "https://misskey.example"},
		{"https://misskey.example:/", "https://misskey.example"},
		{"https://misskey.example/api", "https://misskey.example"},
		{"https://misskey.example/api/", "https://misskey.example"},
		{"https://misskey.example//", "https://misskey.example"},
		{"https://misskey.example/base", "https://misskey.example/base"},
		{"https://misskey.example/base/api/", "https://misskey.example/base"},
		{"https://misskey.example/a/b-c_d.e~f", "https://misskey.example/a/b-c_d.e~f"},
		{"[2001:DB8::1]", "https://[2001:db8::1]"},
		{"2001:db8::1", "https://[2001:db8::1]"},
		{"https://[2001:db8:0:0::1]:8443/api", "https://[2001:db8::1]:8443"},
		{"xn--r8jz45g.xn--zckzah", "https://xn--r8jz45g.xn--zckzah"},
		{"例え.テスト", "https://例え.テスト"},
		{"my_host", "https://my_host"},
		{"192.0.2.1", "https://192.0.2.1"},
		// this machine
		{"localhost", "http://localhost"},
		{"localhost:3000", "http://localhost:3000"},
		{"LOCALHOST:80", "http://localhost"},
		{"localhost:443", "http://localhost:443"},
		{"http://localhost:3000/api", "http://localhost:3000"},
		{"https://localhost:3000", "https://localhost:3000"},
		{"127.0.0.1:3000", "http://127.0.0.1:3000"},
		{"127.1.2.3", "http://127.1.2.3"},
		{"::1", "http://[::1]"},
		{"[::1]:3000", "http://[::1]:3000"},
		{"http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]"},
	} {
		mk, err := New(tt.in)
		if err != nil {
			t.Errorf("New(%q): %v", tt.in, err)
			continue
		}
		if got := mk.config.origin.scheme + "://" + mk.config.origin.host; !strings.HasPrefix(tt.want, got) {
			t.Errorf("New(%q): origin %s, want that of %s", tt.in, got, tt.want)
		}
		if got := mk.BaseURL(); got != tt.want {
			t.Errorf("New(%q): base %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestInstanceRefused(t *testing.T) {
	for _, tt := range []struct{ in, says string }{
		{"", "empty"},
		{" ", "white space"},
		{" misskey.example", "white space"},
		{"misskey.example\n", "white space"},
		{"mis\x1b[31mskey.example", "control"},
		{"misskey\u00a0.example", "white space"},
		{"https://misskey.example/\x00", "control"},
		{"https://hunter2@misskey.example", "user name"},
		{"https://alice:hunter2@misskey.example/", "user name"},
		{"@alice@misskey.example", "user name"},
		{"https://misskey.example/@hunter2", "account"},
		{"https://misskey.example/?i=hunter2", "query"},
		{"https://misskey.example/#hunter2", "fragment"},
		{"https://misskey.example?", "query"},
		{"ftp://misskey.example", "scheme"},
		{"wss://misskey.example", "scheme"},
		{"javascript:alert(1)", "address"},
		{"mailto:misskey.example", "address"},
		{"://misskey.example", "address"},
		{"//misskey.example", "host"},
		{"https://", "host"},
		{"https:///api", "host"},
		{"https://:3000", "host"},
		{"misskey..example", "host"},
		{"misskey.example.", "host"},
		{"mis!key.example", "host"},
		{"misskey.example:0", "port"},
		{"misskey.example:65536", "port"},
		{"misskey.example:99999999999999999999", "port"},
		{"misskey.example:http", "address"},
		{"https://[::1", "address"},
		{"https://[fe80::1%25eth0]", "zone"},
		{"https://misskey.example/a//b", "path"},
		{"https://misskey.example/../x", "path"},
		{"https://misskey.example/%2e%2e/x", "path"},
		{"https://misskey.example/a%2fb", "path"},
		{`https://misskey.example/a\b`, "path"},
		{"https://misskey.example/ü", "path"},
		{"http://misskey.example", "WithPlainHTTP"},
		{"http://localhost.example", "WithPlainHTTP"},
		{"http://128.0.0.1", "WithPlainHTTP"},
		{strings.Repeat("a", 300), "host"},
		{"https://misskey.example/" + strings.Repeat("ü", 3000), "path"},
	} {
		_, err := New(tt.in)
		if err == nil {
			t.Errorf("New(%q) is accepted", tt.in)
			continue
		}
		msg := err.Error()
		if !strings.Contains(msg, tt.says) || !strings.Contains(msg, "https://misskey.example") {
			t.Errorf("New(%q): %q does not speak of %q and of what is expected", tt.in, msg, tt.says)
		}
		if strings.Contains(msg, "hunter2") || strings.Contains(msg, "\x1b") || len(msg) > 700 {
			t.Errorf("New(%q): unfit message %q", tt.in, msg)
		}
	}
}

func TestPlainHTTP(t *testing.T) {
	mk, err := New("http://misskey.example:80/api", WithPlainHTTP())
	if err != nil || mk.BaseURL() != "http://misskey.example" {
		t.Fatalf("%v, %v", mk, err)
	}
	// It permits, it does not prefer.
	mk, err = New("misskey.example", WithPlainHTTP())
	if err != nil || mk.BaseURL() != "https://misskey.example" {
		t.Fatalf("%v, %v", mk, err)
	}
}

func FuzzInstance(f *testing.F) {
	for _, s := range []string{"misskey.example", "https://a@b/c?d#e", "[::1]:3000", "例え.テスト/api", "https://h/%2e", "a:b:c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mk, err := New(s)
		if err != nil {
			if strings.Contains(s, "@") && len(s) > 20 && strings.Contains(err.Error(), s) {
				t.Fatalf("the message repeats %q", s)
			}
			return
		}
		// What was accepted is accepted again and stays the same.
		again, err := New(mk.config.base)
		if err != nil || again.config.base != mk.config.base || again.config.origin != mk.config.origin {
			t.Fatalf("%q became %q, and that %v, %v", s, mk.config.base, again, err)
		}
		if strings.HasPrefix(mk.config.base, "http://") && !strings.Contains(mk.config.base, "localhost") &&
			!strings.Contains(mk.config.base, "127.") && !strings.Contains(mk.config.base, ":") {
			t.Fatalf("%q became %q", s, mk.config.base)
		}
	})
}

// People copy addresses from a browser.
func TestInstanceOfPage(t *testing.T) {
	for instance, says := range map[string]string{
		"https://misskey.example/@alice":                 "page of an account",
		"misskey.example/@alice":                         "page of an account",
		"https://misskey.example/@alice@other.example":   "page of an account",
		"https://misskey.example/@alice/featured":        "page of an account",
		"https://misskey.example:8443/@alice?x=1":        "page of an account",
		"https://misskey.example/about/":                 "the page /about",
		"https://misskey.example/about":                  "the page /about",
		"misskey.example/about#emojis":                   "fragment",
		"https://misskey.example/notes/9abcdefghi":       "the page /notes/9abcdefghi",
		"https://misskey.example/settings/api":           "the page /settings",
		"https://alice:hush-hush@misskey.example/":       "user name or password",
		"https://alice:hush-hush@misskey.example/@alice": "user name or password",
		"https://misskey.example/@alice:hush-hush@x/":    "user name or password",
		"@alice@misskey.example":                         "user name or password",
	} {
		_, err := New(instance)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want something with %q", instance, err, says)
		}
	}
	for _, instance := range []string{"https://misskey.example/base", "https://misskey.example/aboutus", "https://misskey.example/api/"} {
		if _, err := New(instance); err != nil {
			t.Error(err)
		}
	}
}
