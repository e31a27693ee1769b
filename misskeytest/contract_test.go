package misskeytest_test

import (
	"testing"

	"github.com/misskey-go/misskey/internal/contract"
	"github.com/misskey-go/misskey/misskeytest"
)

// The server does what Misskey does, and all that it answers on the way is what
// the document allows.
func TestContract(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	misskeytest.ValidateAnswers(t, srv)
	contract.Run(t, srv.Client("root"))
}
