package misskeytest

import "testing"

// A session gets into the query of a callback as browsers put it there.
func TestJoinSession(t *testing.T) {
	for callback, want := range map[string]string{
		"https://x.example":                    "https://x.example/?session=SID",
		"https://x.example/cb":                 "https://x.example/cb?session=SID",
		"https://x.example/cb?a=1&b=x%20y":     "https://x.example/cb?a=1&b=x+y&session=SID",
		"https://x.example/cb?session=old&z=1": "https://x.example/cb?session=SID&z=1",
		"https://x.example/cb?t=~*":            "https://x.example/cb?t=%7E*&session=SID",
		"https://x.example/cb#frag":            "https://x.example/cb?session=SID#frag",
		"myapp://auth":                         "myapp://auth?session=SID",
		"myapp:cb":                             "myapp:cb?session=SID",
		"javascript:alert(1)":                  "",
		"/relative":                            "",
	} {
		if got, err := joinSession(callback, "SID"); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v, want %q", callback, got, err, want)
		}
	}
}
