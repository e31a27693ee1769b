package misskey

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// explain adds to an error what is known of the operation that was refused and of
// the parameters that it was given.
func (e *Error) explain(op *api.Operation, in any) {
	switch e.Code {
	case gen.ErrPermissionDenied:
		e.Permission = op.Permission
	case gen.ErrRolePermissionDenied:
		e.Role, e.Policy = op.Role, op.Policy
	case gen.ErrInvalidParam:
		info := object(e.Info)
		e.Field = fieldOf(reflect.TypeOf(in), text(info["param"]), text(info["reason"]))
	}
}

// needs says what the caller lacks, or "".
func (e *Error) needs() string {
	switch {
	case e.Permission != "":
		return "the token needs the permission " + string(e.Permission)
	case e.Role != "":
		return "the account needs the role " + string(e.Role)
	case e.Policy != "":
		return "the account needs a role with the policy " + e.Policy
	}
	return ""
}

// requiredProperty is how the server names a parameter that is missing.
var requiredProperty = regexp.MustCompile(`required property '([^']+)'`)

// fieldOf returns the field of the type of parameters that the server means by a
// place in its schema, such as #/properties/poll/properties/choices/minItems, or
// "". Of a parameter that is missing the schema has the place of the object that
// lacks it, and the reason has its name.
func fieldOf(t reflect.Type, place, reason string) string {
	steps := strings.Split(strings.TrimPrefix(place, "#/"), "/")
	var names []string // of properties, on the way
	if len(steps) == 1 && steps[0] != "required" {
		names = steps // what cannot be cast has its plain name
	}
	for i, step := range steps[:len(steps)-1] {
		// A property may be called properties, too.
		if step == "properties" && (i == 0 || steps[i-1] != "properties" || len(names) > 0 && names[len(names)-1] != step) {
			names = append(names, steps[i+1])
		}
	}
	if m := requiredProperty.FindStringSubmatch(reason); m != nil && steps[len(steps)-1] == "required" {
		names = append(names, m[1])
	}
	var fields []string
	for _, name := range names {
		for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
			t = t.Elem()
		}
		if t == nil || t.Kind() != reflect.Struct {
			return ""
		}
		field, ok := fieldNamed(t, name)
		if !ok {
			return ""
		}
		fields = append(fields, field.Name)
		t = field.Type
	}
	return strings.Join(fields, ".")
}

// fieldNamed returns the field of a struct that has a name in JSON.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag == name && field.IsExported() {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
