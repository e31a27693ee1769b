package api

import "testing"

func TestOr(t *testing.T) {
	if got := Or(new("x"), "y"); got != "x" {
		t.Error(got)
	}
	if got := Or(nil, "y"); got != "y" {
		t.Error(got)
	}
}
