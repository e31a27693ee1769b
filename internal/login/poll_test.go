package login

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
)

func TestExplain(t *testing.T) {
	expired := x509.CertificateInvalidError{Reason: x509.Expired}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&tls.CertificateVerificationError{Err: expired}, "clock of this machine"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "may not be misskey.example"},
		{&net.DNSError{Err: "no such host", Name: "misskey.example"}, "name of the instance"},
		{&misskey.Error{Status: 200}, "does not seem to be a Misskey instance"},
		{&misskey.Error{Status: 404}, "does not seem to be a Misskey instance"},
		{&misskey.Error{Status: 404, Code: "NO_SUCH_USER"}, "NO_SUCH_USER"},
		{errors.New("other"), "other"},
	} {
		err := fmt.Errorf("asking: %w", tt.err)
		if got := Explain("misskey.example", err); !strings.Contains(got.Error(), tt.want) || !errors.Is(got, err) && got != err {
			t.Errorf("%v does not say %q", got, tt.want)
		}
	}
}

func TestPassing(t *testing.T) {
	for err, want := range map[error]bool{
		&misskey.Error{Status: 429}:         true,
		&misskey.Error{Status: 503}:         true,
		&misskey.Error{Status: 500}:         false,
		&misskey.Error{Status: 200}:         false,
		&misskey.DecodeError{}:              false,
		&tls.CertificateVerificationError{}: false,
		&net.OpError{}:                      true,
	} {
		if got := passing(err); got != want {
			t.Errorf("%T %v: %v", err, err, got)
		}
	}
}
