package miauth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// keyLength is how many bytes the key of a [Web] has.
const keyLength = 32

// A pendingLogin is a login whose user is at the page of the instance. Its session
// is a secret.
type pendingLogin struct {
	Session  string `json:"s"`
	Instance string `json:"i"`
	ReturnTo string `json:"r,omitempty"`
	Expires  int64  `json:"e"` // seconds since 1970
}

// A sealer encrypts and signs what is kept in cookies.
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	if len(key) != keyLength {
		return nil, fmt.Errorf("miauth: Web.Key has %d bytes, and not %d", len(key), keyLength)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("miauth: Web.Key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("miauth: Web.Key: %w", err)
	}
	return &sealer{aead}, nil
}

// seal returns the value of the cookie of a name, in which a login is.
func (s *sealer) seal(name string, login pendingLogin) (string, error) {
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false) // would make cookies too long
	if err := enc.Encode(login); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, data.Bytes(), []byte(name))), nil
}

// open returns the login in the cookie of a name. ok is false for one that this
// sealer has not made.
func (s *sealer) open(name, value string) (login pendingLogin, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return pendingLogin{}, false
	}
	data, err := s.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil || json.Unmarshal(data, &login) != nil {
		return pendingLogin{}, false
	}
	return login, true
}
