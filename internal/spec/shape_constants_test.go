package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The list of names that every package has is the one that the templates make.
func TestOwnNames(t *testing.T) {
	g := generated(t, "operations: {a: {}}")
	names, err := exported(g.Files)
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, ".") || name == "OpA" })
	if !slices.Equal(names, ownNames) {
		t.Errorf("the package has\n%s\nthe list is\n%s", strings.Join(names, " "), strings.Join(ownNames, " "))
	}
}

func constantsOf(t *testing.T, short string, strict bool) ([]string, error) {
	t.Helper()
	s := after(t, "constants", short, strict)
	var got []string
	for _, c := range slices.Concat(s.codes, s.ids, s.permissions) {
		got = append(got, fmt.Sprintf("%s=%s", c.Name, c.Value))
		if !strings.HasPrefix(c.Comment, c.Name+" ") || strings.Contains(c.Comment, "\n") {
			t.Errorf("the comment of %s is %q", c.Name, c.Comment)
		}
	}
	return got, errors.Join(s.errs...)
}

func TestErrorConstants(t *testing.T) {
	for name, test := range map[string]struct {
		short string
		want  []string
		err   string // in strict mode
	}{
		"code and id": {
			`operations: {notes/show: {x-misskey-errors: [{code: NO_SUCH_NOTE, id: '1'}]}}`,
			[]string{"ErrNoSuchNote=NO_SUCH_NOTE", "ErrIDNotesShowNoSuchNote=1"}, "",
		},
		"a shared id goes by the first endpoint": {
			`operations: {b: {x-misskey-errors: [{code: X, id: '1'}]}, a: {x-misskey-errors: [{code: X, id: '1'}]}}`,
			[]string{"ErrX=X", "ErrIDAX=1"}, "",
		},
		"every endpoint's": {
			`{x-misskey-errors: [{code: ACCESS_DENIED, id: '1', status: 403}, {id: '2', name: NO_CODE}], operations: {a: {x-misskey-errors: [{code: ACCESS_DENIED, id: '3'}]}}}`,
			[]string{"ErrAccessDenied=ACCESS_DENIED", "ErrIDNoCode=2", "ErrIDAccessDenied=1", "ErrIDAAccessDenied=3"}, "",
		},
		"no id": {
			`operations: {a: {x-misskey-errors: [{code: X}]}}`,
			[]string{"ErrX=X"}, "",
		},
		"a name for the id": {
			`operations: {a: {x-misskey-errors: [{code: X, id: '1'}, {code: X, id: '2', name: X_AGAIN}]}}`,
			[]string{"ErrX=X", "ErrIDAX=1", "ErrIDAXAgain=2"}, "",
		},
		"two ids of a code": {
			`operations: {a: {x-misskey-errors: [{code: X, id: 00aa-11bb}, {code: X, id: 22cc-33dd}, {code: X, id: 22cc-44ee}]}}`,
			[]string{"ErrX=X", "ErrIDAX=00aa-11bb", "ErrIDAX22cc=22cc-33dd", "ErrIDAX22cc44ee=22cc-44ee"},
			"the error id 00aa-11bb and the error id 22cc-33dd are both called ErrIDAX: give one a name in the overlay",
		},
		"codes that differ in case": {
			`operations: {a: {x-misskey-errors: [{code: NO_X}, {code: no_x}]}}`,
			[]string{"ErrNoX=NO_X", "ErrNoXCode=no_x"},
			"the error code NO_X and the error code no_x are both called ErrNoX",
		},
		"permissions": {
			`{x-misskey-permissions: [{name: 'read:x', grantable: false}], operations: {a: {x-misskey-permission: 'write:a-b'}, b: {x-misskey-permission: 'write:a_b'}}}`,
			[]string{"PermissionReadX=read:x", "PermissionWriteAB=write:a-b", "PermissionWriteABPermission=write:a_b"},
			"the permission write:a-b and the permission write:a_b are both called PermissionWriteAB",
		},
		"signs": {
			"operations: {a: {x-misskey-permission: \"*/\", x-misskey-errors: [{code: \"a\\nb\", id: \"*/\\n\"}]}}",
			[]string{"ErrAB=a\nb", "ErrIDAAB=*/\n", "Permission" + "Permission" + "=*/"}, "a name that every generated package has and the permission */ are both called Permission",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := constantsOf(t, test.short, false)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got  %q, %v\nwant %q", got, err, test.want)
			}
			switch _, err := constantsOf(t, test.short, true); {
			case test.err == "" && err != nil, test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("strict: %v, want %q", err, test.err)
			}
		})
	}
}

func TestConstantComments(t *testing.T) {
	s := after(t, "constants", `{x-misskey-errors: [{code: ALL, id: '0', status: 403}], x-misskey-permissions: [{name: 'read:x', grantable: false}],
		operations: {a: {x-misskey-permission: 'write:y', x-misskey-errors: [{code: X, id: '1', status: 404}, {id: '2'}]}, b: {x-misskey-errors: [{code: X, id: '1'}]}, c: {x-misskey-errors: [{code: X, id: '3'}]}, d: {x-misskey-errors: [{code: X, id: '4'}]}}}`, true)
	var got []string
	for _, c := range slices.Concat(s.codes, s.ids, s.permissions) {
		got = append(got, c.Comment)
	}
	want := []string{
		"ErrAll can come from every endpoint.",
		"ErrX comes from a, b and 2 other endpoints.",
		"ErrIDAll is ALL, status 403, of every endpoint.",
		"ErrIDAX is X, status 404, of a, b.",
		"ErrIDA is an error without a code, of a.",
		"ErrIDCX is X, of c.",
		"ErrIDDX is X, of d.",
		"PermissionReadX is the permission read:x; no endpoint asks for it. No consent page grants it.",
		"PermissionWriteY is the permission write:y; one endpoint asks for it.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{"a": "a", " a\n\tb ": "a b", "a\x00b": "a b", "a\u2028b\u202e": "a b", "日本": "日本", "": ""} {
		if got := line(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
