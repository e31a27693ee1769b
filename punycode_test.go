package misskey

import (
	"strings"
	"testing"
)

// The samples are of RFC 3492, 7.1, and of registered domains.
func TestASCIIHost(t *testing.T) {
	for in, want := range map[string]string{
		"Misskey.Example":             "misskey.example",
		"例え.テスト":                      "xn--r8jz45g.xn--zckzah",
		"MÜNCHEN.de":                  "xn--mnchen-3ya.de",
		"ü":                           "xn--tda",
		"ドメイン名例.jp":                   "xn--eckwd4c7cu47r2wf.jp",
		"他们为什么不说中文":                   "xn--ihqwcrb4cv8a8dqg056pqjye",
		"3年B組金八先生":                    "xn--3b-ww4c5e180e575a65lsy2b",
		"ひとつ屋根の下2":                    "xn--2-u9tlzr9756bt3uc0v",
		"ПРАВДА.example":              "xn--80aafi6cg.example",
		"😀x":                          "xn--x-iv3s",
		"\U0010ffff":                  "xn--dn32g",
		"\u0080":                      "xn--a",
		strings.Repeat("a", 30) + "é": "xn--" + strings.Repeat("a", 30) + "-4xc",
	} {
		if got, err := asciiHost(in); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", in, got, err, want)
		}
	}
	// No input overflows or takes long.
	if _, err := asciiHost(strings.Repeat("\U0010ffff", maxLabel)); err == nil {
		t.Error("a label of 63 characters, all beyond ASCII, fits")
	}
}
