package secret_test

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/internal/secret"
)

func TestHide(t *testing.T) {
	const token = "Abc-123/xyz%7E\"q"
	for _, spelling := range []string{
		token, strings.ToUpper(token), fmt.Sprintf("%q", token), fmt.Sprintf("%q", fmt.Sprintf("%q", token)),
		strings.Replace(token, "A", `\u0041`, 1), strings.Replace(token, "A", `\\u0041`, 1), strings.Replace(token, "b", `\x62`, 1),
		strings.Replace(token, "c", "&#99;", 1), strings.Replace(token, "c", "&#0099", 1), strings.Replace(token, "c", "&#x63;", 1), strings.Replace(token, "c", "&#X63;", 1),
		strings.Replace(token, "z", "%7a", 1), strings.ReplaceAll(token, "/", `\/`), url.PathEscape(token),
		strings.ReplaceAll(html.EscapeString(token), "&#34;", "&#34;"),
	} {
		spelling = strings.ReplaceAll(spelling, "%257E", "%7E")
		got := secret.Hide("before "+spelling+" after", "", "other", token)
		if strings.Contains(strings.ToLower(got), "123") || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: %s", spelling, got)
		}
	}
}

func TestHideShort(t *testing.T) {
	for _, test := range []struct{ text, secret, want string }{
		{"a note was not found", "a", "a note was not found"},
		{"the note NOTE_ note, noted", "note", "the [secret] NOTE_ [secret], noted"},
		{"NO_SUCH_NOTE", "NOTE", "NO_SUCH_NOTE"},
		{"xsecretsecretx", "secretsecret", "x[secret]x"},
		{`\`, "secret", `\`}, {`\u`, "secret", `\u`}, {"&#", "secret", "&#"}, {"%", "secret", "%"}, {"", "secret", ""},
	} {
		if got := secret.Hide(test.text, test.secret); got != test.want {
			t.Errorf("%q without %q is %q, want %q", test.text, test.secret, got, test.want)
		}
	}
}

func TestTextIsNotPrinted(t *testing.T) {
	v := struct {
		a secret.Text
		B secret.Text
		c struct{ d secret.Text }
	}{a: secret.New("hush-hush"), B: secret.New("hush-hush")}
	v.c.d = secret.New("hush-hush")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if s := fmt.Sprintf(verb+verb, v, &v); strings.Contains(s, "hush") || strings.Contains(s, fmt.Sprintf("%x", "hush")) {
			t.Errorf("%s: %s", verb, s)
		}
	}
	if v.a.Reveal() != "hush-hush" || secret.Text(nil).Reveal() != "" {
		t.Error("not revealed")
	}
}

func FuzzHide(f *testing.F) {
	f.Add("a&#84oken-0042b", "Token-0042")
	f.Fuzz(func(t *testing.T, text, s string) {
		got := secret.Hide(text, s)
		if len(s) >= 8 && strings.Contains(strings.ReplaceAll(got, secret.Hidden, "\x00"), s) && !strings.Contains(secret.Hidden, s) {
			t.Errorf("%q is in %q", s, got)
		}
		if len(s) < 4 && got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}
