package login

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"
)

// keyLength is how many bytes the key of a web service has.
const keyLength = 32

// A Pending is a login of a web service whose user is at the page of the instance.
type Pending struct {
	// ID is what the callback names the login by. It is a secret.
	ID string `json:"s"`

	// Proof is what only the one who began the login knows, if the way has it.
	Proof string `json:"p,omitempty"`

	Instance string `json:"i"`
	ReturnTo string `json:"r,omitempty"`
	Expires  int64  `json:"e"` // seconds since 1970
}

// A sealer encrypts and signs what is kept in cookies.
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	if len(key) != keyLength {
		return nil, fmt.Errorf("Web.Key has %d bytes, and not %d", len(key), keyLength)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("Web.Key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("Web.Key: %w", err)
	}
	return &sealer{aead}, nil
}

// seal returns the value of the cookie of a name, in which a login is.
func (s *sealer) seal(name string, login Pending) (string, error) {
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
func (s *sealer) open(name, value string) (login Pending, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return Pending{}, false
	}
	data, err := s.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil || json.Unmarshal(data, &login) != nil {
		return Pending{}, false
	}
	return login, true
}

// Keys make the cookies of a web service. The zero value is ready.
type Keys struct {
	once   sync.Once
	sealer *sealer
	err    error // why there is no sealer
}

// with returns what encrypts cookies with a key or, without one, with a key that is
// made for this process.
func (k *Keys) with(key []byte) (*sealer, error) {
	k.once.Do(func() {
		if key == nil {
			key = make([]byte, keyLength)
			rand.Read(key) // never fails
		}
		k.sealer, k.err = newSealer(key)
	})
	return k.sealer, k.err
}
