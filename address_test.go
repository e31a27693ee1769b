package misskey_test

import (
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"
	"unicode"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]misskey.Address{
		"alice":                                 {"alice", ""},
		"@Alice_1":                              {"Alice_1", ""},
		"alice@misskey.example":                 {"alice", "misskey.example"},
		"@alice@misskey.example":                {"alice", "misskey.example"},
		" @alice@Misskey.Example\n":             {"alice", "misskey.example"},
		"acct:a.b-c@misskey.example":            {"a.b-c", "misskey.example"},
		"@alice@misskey.example:443":            {"alice", "misskey.example"},
		"@alice@localhost:03000":                {"alice", "localhost:3000"},
		"@alice@[2001:DB8::1]:3000":             {"alice", "[2001:db8::1]:3000"},
		"@alice@127.0.0.1":                      {"alice", "127.0.0.1"},
		"@alice@例え.テスト":                         {"alice", "xn--r8jz45g.xn--zckzah"},
		"@alice@例え。テスト":                         {"alice", "xn--r8jz45g.xn--zckzah"},
		"@alice@XN--r8jz45g.xn--ZCKZAH":         {"alice", "xn--r8jz45g.xn--zckzah"},
		"@alice@BÜCHER.example":                 {"alice", "xn--bcher-kva.example"},
		"@alice@" + long(63) + ".example":       {"alice", long(63) + ".example"},
		"https://misskey.example/@alice":        {"alice", "misskey.example"},
		"https://misskey.example/@alice/":       {"alice", "misskey.example"},
		"HTTPS://Misskey.Example/%40alice?a=b#": {"alice", "misskey.example"},
		"https://misskey.example/@bob@R.example": {
			"bob", "r.example",
		},
		"http://localhost:3000/@alice":        {"alice", "localhost:3000"},
		"http://misskey.example:443/@alice":   {"alice", "misskey.example"},
		"http://misskey.example:080/@alice":   {"alice", "misskey.example"},
		"http://misskey.example:80/@alice":    {"alice", "misskey.example"},
		"https://misskey.example:8443/@alice": {"alice", "misskey.example:8443"},
		"https://例え.テスト/@alice":               {"alice", "xn--r8jz45g.xn--zckzah"},
	} {
		got, err := misskey.ParseAddress(in)
		if err != nil || got != want {
			t.Errorf("%q is %#v, %v, want %#v", in, got, err, want)
		}
	}
}

func long(n int) string { return strings.Repeat("a", n) }

func TestParseAddressRefuses(t *testing.T) {
	for in, why := range map[string]string{
		"":                                  "a username has",
		"@":                                 "a username has",
		"@@":                                "a username has",
		"@alice@":                           "host",
		"@alice@misskey.example@":           "its host is not",
		"@alice@a@b":                        "its host is not",
		"alice smith":                       "a username has",
		"@アリス":                              "a username has",
		"@alice.":                           "a username has",
		"@-alice":                           "a username has",
		"@ali\u202ece":                      "a username has",
		"@" + long(129):                     "a username has",
		"@alice@misskey.example/":           "its host is not",
		"@alice@misskey.example?x":          "its host is not",
		"@alice@misskey..example":           "its host is not",
		"@alice@mis key.example":            "its host is not",
		"@alice@misskey.example:":           "its port is missing",
		"@alice@misskey.example:0":          "not between 1 and 65535",
		"@alice@misskey.example:99999":      "not between 1 and 65535",
		"@alice@" + long(64) + ".example":   "too long",
		"@alice@" + strings.Repeat("あ", 60): "too long",
		"@alice@" + strings.Repeat("あ", 1000000): "too long",
		"@alice@" + strings.Repeat("a.", 200):    "host",
		"@alice@[fe80::1%25eth0]":                "its host is not",
		"https://misskey.example":                "does not begin with /@",
		"https://misskey.example/notes/9a":       "does not begin with /@",
		"https://misskey.example/users/9a":       "does not begin with /@",
		"https://misskey.example/@alice/1":       "belongs to a user",
		"https://misskey.example/@":              "a username has",
		"https://u:p@misskey.example/@alice":     "password",
		"https:///@alice":                        "host",
		"ftp://misskey.example/@alice":           "does not begin with https",
		"javascript://misskey.example/@alice":    "does not begin with https",
		"https://misskey.example/@alice\x00":     "not a URL",
	} {
		a, err := misskey.ParseAddress(in)
		if err == nil || !strings.Contains(err.Error(), why) || a != (misskey.Address{}) {
			t.Errorf("%.80q is %#v, %v, want an error with %q", in, a, err, why)
		}
		if err != nil && (len(err.Error()) > 600 || strings.ContainsFunc(err.Error(), unicode.IsControl)) {
			t.Errorf("the error is %.800q", err)
		}
	}
}

// What was read reads the same again, and names a page.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{
		"alice", "@alice@misskey.example:3000", "https://例え.テスト/@a@b.example", "acct:a.b-c@xn--zckzah", "@a@[::1]:80", "http://h/%40a",
		"@a@\u3002.x", "@a@😀.example", "https://misskey.example/@alice/1", "http://h:443/@a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := misskey.ParseAddress(s)
		if err != nil {
			if a != (misskey.Address{}) {
				t.Errorf("%q: %v, with %#v", s, err, a)
			}
			return
		}
		for _, form := range []string{a.String(), strings.TrimPrefix(a.String(), "@"), "acct:" + a.String()[1:], a.WebURL("https://misskey.example")} {
			again, err := misskey.ParseAddress(form)
			if a.Host == "" && strings.Contains(form, "://") {
				again.Host = ""
			}
			if err != nil || again != a {
				t.Errorf("%q is %#v, whose %q is %#v, %v", s, a, form, again, err)
			}
		}
		for _, r := range a.Username + a.Host {
			if r <= ' ' || r > '~' || strings.ContainsRune("/?#%\\\"<>", r) || unicode.IsUpper(r) && strings.ContainsRune(a.Host, r) {
				t.Errorf("%q is %#v", s, a)
			}
		}
	})
}

func TestFindUser(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "alice"})
	srv.AddUser(misskeytest.User{Username: "bob", Host: "other.example"})
	mk := srv.Client("root")
	self, err := misskey.FindUser(t.Context(), mk, "alice")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.TrimPrefix(mk.BaseURL(), "http://")
	for address, want := range map[string]string{
		"@Alice":                               "alice",
		"@alice@" + own:                        "alice",
		mk.BaseURL() + "/@alice":               "alice",
		mk.BaseURL() + "/users/" + self.ID:     "alice",
		"bob@other.example":                    "bob@other.example",
		"https://OTHER.example/@bob":           "bob@other.example",
		mk.BaseURL() + "/@bob@other.example/ ": "bob@other.example",
		self.WebURL(mk.BaseURL()):              "alice",
	} {
		user, err := misskey.FindUser(t.Context(), mk, address)
		if err != nil || user.Acct() != want {
			t.Errorf("%s is %v, %v, want %s", address, user, err, want)
		}
	}
	bob, err := misskey.FindUser(t.Context(), mk, "@bob@other.example")
	if err != nil {
		t.Fatal(err)
	}
	if same, err := misskey.FindUser(t.Context(), mk, *bob.URI); err != nil || same.ID != bob.ID { // by ap/show
		t.Errorf("%s is %v, %v", *bob.URI, same, err)
	}
	res, err := srv.Client("bob@other.example").NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("hello")})
	if err != nil {
		t.Fatal(err)
	}
	note := "https://other.example/notes/" + res.CreatedNote.ID
	if user, err := misskey.FindUser(t.Context(), mk, note); user != nil || err == nil || !strings.Contains(err.Error(), "it is a Note") {
		t.Errorf("%s is %v, %v", note, user, err)
	}
	for address, want := range map[string]error{
		"@nobody":                         gen.ErrNoSuchUser,
		"@bob":                            gen.ErrNoSuchUser,
		mk.BaseURL() + "/users/0":         gen.ErrNoSuchUser,
		"@bob@nowhere.example":            gen.ErrFailedToResolveRemoteUser,
		"https://nowhere.example/u/alice": gen.ErrFederationNotAllowed, // of ap/show
	} {
		user, err := misskey.FindUser(t.Context(), mk, address)
		if user != nil || !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "misskey: finding the user ") {
			t.Errorf("%s is %v, %v, want %v", address, user, err, want)
		}
	}
	for _, address := range []string{"", "@", "a b", mk.BaseURL() + "/notes/1", mk.BaseURL() + "/users/", "ftp://other.example/bob"} {
		if user, err := misskey.FindUser(t.Context(), mk, address); user != nil || err == nil || errors.As(err, new(*misskey.Error)) {
			t.Errorf("%q is %v, %v, want an error before anything is sent", address, user, err)
		}
	}
}

func ExampleParseAddress() {
	for _, s := range []string{"@alice", "alice@Misskey.Example", "https://例え.テスト/@bob"} {
		a, err := misskey.ParseAddress(s)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(a, a.WebURL("https://misskey.example"))
	}
	_, err := misskey.ParseAddress("https://misskey.example/notes/9abcdefghi")
	fmt.Println(err)
	// Output:
	// @alice https://misskey.example/@alice
	// @alice@misskey.example https://misskey.example/@alice@misskey.example
	// @bob@xn--r8jz45g.xn--zckzah https://misskey.example/@bob@xn--r8jz45g.xn--zckzah
	// misskey: "https://misskey.example/notes/9abcdefghi" is not the address of a user: the path of its URL does not begin with /@; give @alice, @alice@misskey.example or https://misskey.example/@alice
}

func ExampleFindUser() {
	srv := serve(`{"id": "9bobbobbob", "username": "bob", "host": "remote.example", "name": "Bob"}`,
		`{"error": {"code": "NO_SUCH_USER", "message": "No such user."}}`)
	defer srv.Close()
	mk := client(srv)

	user, err := misskey.FindUser(ctx, mk, "https://remote.example/@bob")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user)
	_, err = misskey.FindUser(ctx, mk, "@nobody")
	fmt.Println(errors.Is(err, gen.ErrNoSuchUser))
	// Output:
	// POST /api/users/show {"i":"a9Xk2","host":"remote.example","username":"bob"}
	// 9bobbobbob @bob@remote.example (Bob)
	// POST /api/users/show {"i":"a9Xk2","username":"nobody"}
	// true
}
