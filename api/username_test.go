package api

import (
	"strings"
	"testing"
)

func TestCheckUsernameRefusesAddresses(t *testing.T) {
	op := &Operation{Endpoint: "users/show"}
	for _, name := range []string{"", "alice", "a_b", "alice-2.b", "アリス"} {
		if err := CheckUsername(op, name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, address := range []string{"@alice", "@alice@misskey.example", "alice@misskey.example", "https://misskey.example/@alice", "@"} {
		err := CheckUsername(op, address)
		if err == nil || !strings.Contains(err.Error(), "users/show") || !strings.Contains(err.Error(), "misskey.FindUser") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := CheckUsername(op, strings.Repeat("@", 1<<20)); len(err.Error()) > 500 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}
