package api

import (
	"fmt"
	"strings"
)

// CheckUsername refuses an address, such as @alice or alice@misskey.example, where
// an operation takes the name of a user alone. A server would answer that there is no
// such user.
func CheckUsername(op *Operation, name string) error {
	if !strings.Contains(name, "@") {
		return nil
	}
	if len(name) > 100 {
		name = name[:100] + "…"
	}
	return fmt.Errorf("misskey: %s: Username: %q is an address, want the name alone, without @; misskey.ParseAddress takes it apart, misskey.FindUser finds the user by it", op.Endpoint, name)
}
