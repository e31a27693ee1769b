package login

import "testing"

func TestCheckToken(t *testing.T) {
	for token, ok := range map[string]bool{"sesame": true, "": false, "sesame\n": false, "ses ame": false, "ごま": false} {
		if err := CheckToken(token); (err == nil) != ok {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestCheckUser(t *testing.T) {
	if CheckUser("") == nil || CheckUser("1") != nil {
		t.Error("an empty id is a user, or another is not")
	}
}
