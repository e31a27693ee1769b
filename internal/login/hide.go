package login

import (
	"encoding/json"
	"errors"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/internal/secret"
)

// Hide returns an error without secrets that a server may have repeated. The
// token of a client is none of these: the client hides that.
func Hide(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	hide := func(s string) string { return secret.Hide(s, secrets...) }
	if e, ok := errors.AsType[*misskey.Error](err); ok { // made for this call
		e.Code, e.ID = api.ErrorCode(hide(string(e.Code))), api.ErrorID(hide(string(e.ID)))
		e.Kind, e.Message = hide(e.Kind), hide(e.Message)
		if info := hide(string(e.Info)); info != string(e.Info) {
			e.Info = nil
			if json.Valid([]byte(info)) {
				e.Info = json.RawMessage(info)
			}
		}
	}
	text := err.Error()
	if hidden := hide(text); hidden != text {
		return &hiddenError{hidden, err}
	}
	return err
}

// A hiddenError has another text than the error that it comes from, of which only
// errors.Is sees anything.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return errors.Is(e.err, target) }

// GoString is Error, because the error below has the secret.
func (e *hiddenError) GoString() string { return e.text }
