package wire

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func same(s string) string { return s }

// Secrets are found by where they stand, however their names and values are spelled.
func TestSecretsAreLeftOut(t *testing.T) {
	const token = "sesame-0042"
	for name, tt := range map[string]struct{ endpoint, body string }{
		"plain":             {"", `{"i":"sesame-0042"}`},
		"escaped name":      {"", `{"\u0069":"sesame-0042"}`},
		"escaped value":     {"", `{"i":"\u0073esame-0042"}`},
		"other case":        {"", `{"I":"sesame-0042","ToKen":"sesame-0042"}`},
		"nested":            {"", `{"a":[{"b":{"accessToken":"sesame-0042"}}]}`},
		"twice":             {"", `{"i":"x","text":"y","i":"sesame-0042"}`},
		"an object":         {"", `{"token":{"deeper":["sesame-0042",{"x":"sesame-0042"}]}}`},
		"an array":          {"", `{"backupCodes":["sesame-0042"]}`},
		"a number":          {"", `{"token":42,"password":"sesame-0042"}`},
		"cut off":           {"", `{"i":"sesame-0042`},
		"cut off in a list": {"", `[{"token":"sesame-0042","text":"sesame-0042`},
		"only here":         {"auth/session/generate", `{"token":"x","url":"https://misskey.example/auth/sesame-0042"}`},
		"before garbage":    {"", `{"secret":"sesame-0042"} sesame-0042`},
		"not JSON":          {"", `token=sesame-0042`},
		"a page":            {"", `<html>sesame-0042</html>`},
		"byte order mark":   {"", "\uFEFF{\"i\":\"sesame-0042\"}"},
	} {
		got := JSON(tt.endpoint, []byte(tt.body), int64(len(tt.body)), same)
		if strings.Contains(got, token) || got == "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What is not a secret is shown as it is.
func TestTheRestIsShown(t *testing.T) {
	const body = `{"i":"x","text":"<b>&","n":12345678901234567890,"f":1.50,"t":true,"no":null,"list":[],"o":{},"hasPassword":true,"token":null,"error":{"code":"NO_SUCH_NOTE"}}`
	want := `{
  "i": "[secret]",
  "text": "<b>&",
  "n": 12345678901234567890,
  "f": 1.50,
  "t": true,
  "no": null,
  "list": [],
  "o": {},
  "hasPassword": true,
  "token": null,
  "error": {
    "code": "NO_SUCH_NOTE"
  }
}`
	got := JSON("notes/create", []byte(body), int64(len(body)), same)
	if got != want || !json.Valid([]byte(got)) {
		t.Errorf("got\n%s", got)
	}
	if got := JSON("", []byte("\x20\n"), 2, same); got != "" {
		t.Errorf("%q", got)
	}
}

// Nothing that a server sends makes the text long, or does something to a terminal.
func TestHostileBodies(t *testing.T) {
	for name, body := range map[string]string{
		"deep arrays":  strings.Repeat("[", MaxBody),
		"deep objects": strings.Repeat(`{"a":`, MaxBody/5),
		"many":         "[" + strings.Repeat("1,", MaxBody/2),
		"many in deep": strings.Repeat("[", 500) + strings.Repeat("1,", MaxBody/2),
		"long string":  `"` + strings.Repeat("x", MaxBody-2) + `"`,
		"long name":    `{"` + strings.Repeat("x", MaxBody-6) + `":1}`,
	} {
		if got := JSON("", []byte(body), 100<<20, same); len(got) > 2*maxText {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
	got := JSON("", []byte(`"\u001b[31m\u009b\u202e\u0007\ud83d\ude00 ごま"`), 1, same)
	if strings.ContainsAny(got, "\x1b\u009b\u202e\a") || !strings.Contains(got, "😀 ごま") {
		t.Errorf("%q", got)
	}
}

func TestQuery(t *testing.T) {
	got := Query("", url.Values{"i": {"sesame"}, "noteId": {"9abc"}, "x": {"\x1b&a=b"}}, same)
	if want := `i=[secret]&noteId=9abc&x=\u001b&a=b`; got != want {
		t.Errorf("%s", got)
	}
}

// harmless are names in package gen that look like those of secrets and are not.
var harmless = strings.Fields(`allowCredentials assignee assigneeId authRequest authenticatorAttachment authenticatorSelection author
	avatarBlurhash bannerBlurhash blurhash challenge code content:encoded content:encodedSnippet credentialId credProps excludeCredentials excludeKeywords hash header
	hcaptchaSiteKey isAuthorized key keywords mcaptchaSiteKey miauth privacyPolicyUrl pubKeyCredParams publickey recaptchaSiteKey requireResidentKey
	residentKey securityKeys securityKeysList siteKey sitekey sortKeys swPublicKey swPublickey tokenId twoFactorBackupCodesStock
	turnstileSiteKey usePasswordLessLogin`)

// Whoever adds a name to package gen that looks like that of a secret decides
// whether it is one.
func TestNamesOfSecrets(t *testing.T) {
	files, err := filepath.Glob("../../gen/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	looks := regexp.MustCompile(`(?i)token|secret|pass|auth|code|key|cred|private|session|challenge|^i$|^qr$|hash$|cookie|header`)
	found := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("json:\"([^,\"]+)").FindAllSubmatch(data, -1) {
			found[string(m[1])] = true
		}
	}
	for name := range found {
		if looks.MatchString(name) && isSecret("", name) == slices.Contains(harmless, name) {
			t.Errorf("%s: is it a secret? Add it to secretNames, or to harmless in this test", name)
		}
	}
	for _, name := range harmless {
		if !found[name] {
			t.Errorf("package gen has no %s any more", name)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"\u0069":"sesame-0042","a":[{"token":"sesame-0042"}]}`))
	f.Add([]byte(`{"token":{"a":["sesame-0042`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := JSON("", data, int64(len(data)), same)
		if len(got) > 8*len(data)+4*maxText {
			t.Errorf("%d bytes of %d", len(got), len(data))
		}
		var v struct {
			Token string `json:"token"`
		}
		if json.Unmarshal(data, &v) == nil && json.Valid([]byte(got)) && v.Token != "" {
			var shown map[string]any
			if json.Unmarshal([]byte(got), &shown) == nil && shown["token"] != nil && shown["token"] != "[secret]" {
				t.Errorf("%s of %s", got, data)
			}
		}
	})
}
