package spec

import (
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"fileIds": "FileIDs", "replyId": "ReplyID", "url": "URL", "avatarUrl": "AvatarURL", "md5": "MD5", "cw": "CW", "2fa": "2FA",
		"waiting-children": "WaitingChildren", "users_blacklist": "UsersBlacklist", "serverURLPath": "ServerURLPath",
		"usePvForX": "UsePVForX", "miauth": "MiAuth", "identity": "Identity", "apiary": "Apiary", "ids": "IDs", "userIPs": "UserIPs",
		"g-recaptcha-response": "GRecaptchaResponse", "": "", "-": "", "日本語": "U65E5U672CU8A9E", "ñandú": "U00F1andU00FA",
		"😀": "", "a.b": "AB", "1st": "1st", "X": "X",
		"e2eeKeys": "E2EEKeys", "unnsfw-user": "UnNSFWUser", "undo": "Undo", "alsoKnownAs": "AlsoKnownAs",
	} {
		if got := goName(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string]string{
		"serverURLPath2": "server URL Path2", "fileIDs": "file IDs", "IDs": "IDs", "ABTest": "AB Test", "a--b": "a b",
		"isLocked": "is Locked", "HTTPServer": "HTTP Server", "x": "x", "": "", "URLs": "URLs", "2fa": "2fa",
	} {
		if got := strings.Join(words(name), " "); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestOperationName(t *testing.T) {
	for endpoint, want := range map[string]string{
		"notes/create": "NotesCreate", "i/2fa/done": "I2FADone", "miauth/{session}/check": "MiAuthCheck", "i": "I",
		"v1/instance/peers": "V1InstancePeers", "2fa/done": "X2FADone", "users/get-following-users-by-birthday": "UsersGetFollowingUsersByBirthday",
		"": "X", "{a}": "X", "sw/show-registration": "SWShowRegistration",
	} {
		if got := operationName(endpoint); got != want {
			t.Errorf("%q: %s, want %s", endpoint, got, want)
		}
	}
}

// Read without case, the method is the endpoint without its separators.
func TestOperationNamesOfTheDocument(t *testing.T) {
	doc := parsed(t, string(repositoryDocument(t)))
	for _, op := range eachOperation(doc) {
		bare := strings.ToLower(strings.NewReplacer("/", "", "-", "", "_", "").Replace(op.endpoint))
		if name := operationName(op.endpoint); strings.ToLower(name) != bare {
			t.Errorf("%s is called %s", op.endpoint, name)
		}
	}
}

func TestVariable(t *testing.T) {
	for name, want := range map[string]string{
		"session": "session", "userId": "userID", "URL": "url", "type": "typeParam", "ctx": "ctxParam", "string": "stringParam",
		"err": "errParam", "api": "apiParam", "nil": "nilParam", "😀": "x", "": "x", "1st": "x1st", "foo-bar": "fooBar",
	} {
		got := variable(name)
		if got != want || !token.IsIdentifier(got) {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestSingular(t *testing.T) {
	for name, want := range map[string]string{
		"Choices": "Choice", "Categories": "Category", "Boxes": "Box", "Classes": "Class", "Status": "Status", "Address": "Address",
		"Analysis": "Analysis", "Note": "Note", "Files": "File", "Searches": "Search", "OS": "OS", "IDs": "ID", "AlsoKnownAs": "AlsoKnownAs", "s": "s", "": "",
	} {
		if got := singular(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// Whatever a document calls things, Go gets an exported identifier of ASCII.
func FuzzGoName(f *testing.F) {
	for _, seed := range []string{"fileIds", "a-b", "", "日本語", "ǆ", "\xff", "x😀y", "ſ", "K"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, got := range []string{identifier(goName(name)), operationName(name), identifier(constantName(name))} {
			if !token.IsIdentifier(got) || !token.IsExported(got) || strings.ContainsFunc(got, func(r rune) bool { return r > 127 }) {
				t.Errorf("%q gives %q", name, got)
			}
		}
		if got := variable(name); !token.IsIdentifier(got) || slices.Contains(ownVariables, got) {
			t.Errorf("%q gives the variable %q", name, got)
		}
	})
}
