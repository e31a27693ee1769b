package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/misskey-go/misskey/cmd/misskey/internal/reference"
)

// argument is KEY=VALUE, KEY:=JSON or KEY@FILE.
var argument = regexp.MustCompile(`(?s)^([A-Za-z_][\w.-]*)(:=|=|@)(.*)$`)

// A mistake is a parameter that would be refused, and where it is.
type mistake struct {
	args []string // as typed; nil where the mistake is in none of them
	at   int      // the one of args that is wrong
	from int      // where in it the mistake begins, in bytes
	text string
}

func (m *mistake) Error() string {
	if m.args == nil {
		return m.text
	}
	// The command as typed, with marks below what is wrong.
	line, marks := "misskey api", strings.Repeat(" ", len("misskey api"))
	for i, arg := range m.args {
		arg = oneLine(arg)
		if i == m.at {
			from := min(m.from, len(arg))
			marks += " " + blank(arg[:from]) + strings.Repeat("^", max(1, len([]rune(arg))-len([]rune(arg[:from]))))
		} else {
			marks += " " + blank(arg)
		}
		line += " " + arg
	}
	if len([]rune(line)) > 200 {
		return m.text + "\n  " + clip(oneLine(m.args[m.at]), 200)
	}
	return m.text + "\n  " + line + "\n  " + strings.TrimRight(marks, " ")
}

// blank is as many spaces as s has columns.
func blank(s string) string { return pad("", columns(s)) }

// parseParams makes the parameters of a call of the arguments, args[0] being the
// endpoint, and opens the file of an upload.
func (a *app) parseParams(ctx context.Context, e *reference.Endpoint, args []string, unchecked bool) (map[string]any, *os.File, error) {
	params := map[string]any{}
	var file *os.File
	fail := func(i, from int, format string, values ...any) (map[string]any, *os.File, error) {
		if file != nil {
			file.Close()
		}
		return nil, nil, &usageError{&mistake{args, i, from, fmt.Sprintf(format, values...)}}
	}
	type given struct {
		at, from int
		path     []string
		schema   *reference.Schema
	}
	var all []given
	for i, arg := range args[1:] {
		i++
		if arg == "-" {
			data, err := a.readInput(ctx)
			if err != nil {
				return fail(i, 0, "reading the standard input: %v", err)
			}
			value, err := decodeJSON(data)
			object, ok := value.(map[string]any)
			if err != nil || !ok {
				if err == nil {
					err = fmt.Errorf("it is %s", kindOf(value))
				}
				return fail(i, 0, "the standard input is not an object of JSON: %v", err)
			}
			for key, value := range object {
				params[key] = value
			}
			continue
		}
		m := argument.FindStringSubmatch(arg)
		if m == nil {
			return fail(i, 0, "%s is not KEY=VALUE, KEY:=JSON, KEY@FILE or -", clean(strconv.Quote(arg)))
		}
		path, value := strings.Split(m[1], "."), m[3]
		from := len(m[1]) + len(m[2])
		if path[0] == "i" {
			return fail(i, 0, "the token is not a parameter; see: misskey login --help")
		}
		schema := find(e, path)
		if schema == nil && !unchecked {
			return fail(i, 0, "%s", noParameter(e, path))
		}
		if schema == nil {
			schema = &reference.Schema{}
		}
		if m[2] == "=" && schema.Format == "binary" {
			name, ok := strings.CutPrefix(value, "@")
			if !ok {
				return fail(i, from, "%s is a file: write %s=@FILE", m[1], m[1])
			}
			f, err := openFile(name)
			if err != nil {
				return fail(i, from, "%v", err)
			}
			file = f
			continue
		}
		var parsed any
		var err error
		switch m[2] {
		case ":=":
			parsed, err = decodeJSON([]byte(value))
		case "@":
			parsed, err = a.valueFrom(ctx, schema, value)
		default:
			parsed, err = parseValue(schema, value)
		}
		if err != nil {
			return fail(i, from, "%s: %v", m[1], err)
		}
		if schema.Type != "array" && slices.ContainsFunc(all, func(g given) bool { return slices.Equal(g.path, path) }) {
			return fail(i, 0, "%s is given twice, and is not a list", m[1])
		}
		if err := set(params, path, schema, parsed, m[2] == "="); err != nil {
			return fail(i, 0, "%v", err)
		}
		all = append(all, given{i, from, path, schema})
	}
	if unchecked {
		return params, file, nil
	}
	for _, g := range all {
		if bad := check(g.schema, get(params, g.path), strings.Join(g.path, ".")); bad != "" {
			return fail(g.at, g.from, "%s", bad)
		}
	}
	if e != nil {
		if bad := checkAll(e, params, file != nil); bad != "" {
			if file != nil {
				file.Close()
			}
			return nil, nil, &usageError{&mistake{text: e.Name + ": " + bad + "\n  misskey api --help " + e.Name + " describes it; --unchecked sends it anyway"}}
		}
	}
	return params, file, nil
}

// openFile opens a file that can be uploaded.
func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a folder", name)
	}
	return f, nil
}

// valueFrom reads a value from a file or the standard input: text for a parameter
// that is one, JSON otherwise.
func (a *app) valueFrom(ctx context.Context, schema *reference.Schema, name string) (any, error) {
	var data []byte
	var err error
	if name == "-" {
		data, err = a.readInput(ctx)
	} else {
		data, err = readFile(name)
	}
	if err != nil {
		return nil, err
	}
	if schema.Type == "string" {
		if !utf8.Valid(data) {
			return nil, fmt.Errorf("%s is not text in UTF-8", name)
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
	}
	return decodeJSON(data)
}

// readFile reads a file of a size that a parameter can have.
func readFile(name string) ([]byte, error) {
	const limit = 16 << 20
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && len(data) > limit {
		err = fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return data, err
}

// decodeJSON decodes one value of JSON; numbers keep their digits.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		if err == io.EOF {
			return nil, fmt.Errorf("there is no JSON")
		}
		return nil, fmt.Errorf("JSON, byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("JSON, byte %d: there is something after the value", dec.InputOffset())
	}
	return v, nil
}

// parseValue gives a value the type that its parameter has.
func parseValue(schema *reference.Schema, value string) (any, error) {
	switch {
	case schema.Type != "string" && schema.Null && value == "null":
		return nil, nil
	case schema.Type == "array":
		if strings.HasPrefix(value, "[") {
			return decodeJSON([]byte(value))
		}
		if schema.Items == nil {
			return value, nil
		}
		return parseValue(schema.Items, value)
	case schema.Type == "string":
		return value, nil
	case schema.Type == "boolean":
		switch value {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is not true or false", value)
	case schema.Type == "integer":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return nil, fmt.Errorf("%q is not an integer%s", value, unit(schema))
		}
		return json.Number(value), nil
	case schema.Type == "number":
		if f, err := strconv.ParseFloat(value, 64); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%q is not a number%s", value, unit(schema))
		}
		return decodeJSON([]byte(value))
	case schema.Type == "object":
		v, err := decodeJSON([]byte(value))
		if err != nil {
			return nil, fmt.Errorf("%q is not an object of JSON", value)
		}
		return v, nil
	}
	// Anything, or one of several: JSON if it can be read so, text otherwise.
	if v, err := decodeJSON([]byte(value)); err == nil && (len(schema.AnyOf) == 0 || check(schema, v, "") == "") {
		return v, nil
	}
	return value, nil
}

func unit(schema *reference.Schema) string {
	switch schema.Unit {
	case "":
		return ""
	case "milliseconds":
		return " of milliseconds"
	}
	return ", " + schema.Unit
}

// find returns the schema of a parameter or of a part of one, or nil.
func find(e *reference.Endpoint, path []string) *reference.Schema {
	if e == nil {
		return nil
	}
	schema := e.Params
	for _, name := range path {
		switch {
		case schema == nil:
			return nil
		case schema.Props != nil:
			schema = schema.Props[name]
		case schema.Type == "" || schema.Type == "object": // free JSON
			return &reference.Schema{}
		default:
			return nil
		}
	}
	return schema
}

func noParameter(e *reference.Endpoint, path []string) string {
	name := strings.Join(path, ".")
	if e.Params == nil {
		return fmt.Sprintf("%s takes no parameters", e.Name)
	}
	best, suggestion := 3, ""
	for known := range e.Params.Props {
		if d := distance(strings.ToLower(path[0]), strings.ToLower(known)); d < best {
			best, suggestion = d, known
		}
	}
	if suggestion != "" && suggestion != path[0] {
		return fmt.Sprintf("%s has no parameter %s; did you mean %s?", e.Name, name, suggestion)
	}
	names := sortedKeys(e.Params.Props)
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	return fmt.Sprintf("%s has no parameter %s; it has %s", e.Name, name, strings.Join(names, ", "))
}

// set puts a value into the parameters. An item of a list is added to those before
// it.
func set(params map[string]any, path []string, schema *reference.Schema, value any, item bool) error {
	at := params
	for _, name := range path[:len(path)-1] {
		next, ok := at[name].(map[string]any)
		if !ok {
			if at[name] != nil {
				return fmt.Errorf("%s is not an object, so that it has no part %s", name, path[len(path)-1])
			}
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	name := path[len(path)-1]
	if schema.Type != "array" || !item {
		at[name] = value
		return nil
	}
	list, _ := at[name].([]any)
	if values, ok := value.([]any); ok && (schema.Items == nil || schema.Items.Type != "array") {
		at[name] = append(list, values...)
	} else if value == nil {
		at[name] = nil
	} else {
		at[name] = append(list, value)
	}
	return nil
}

func get(params map[string]any, path []string) any {
	var v any = params
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// checkAll checks all parameters, and says which is wrong.
func checkAll(e *reference.Endpoint, params map[string]any, hasFile bool) string {
	if e.Params == nil {
		if len(params) > 0 {
			return "it takes no parameters"
		}
		return ""
	}
	for _, name := range sortedKeys(params) {
		if e.Params.Props[name] == nil {
			return noParameter(e, []string{name})
		}
		if bad := check(e.Params.Props[name], params[name], name); bad != "" {
			return bad
		}
	}
	for _, name := range e.Params.Required {
		if _, ok := params[name]; !ok && (e.Params.Props[name].Format != "binary" || !hasFile) {
			return fmt.Sprintf("the parameter %s is missing: %s", name, describe(e.Params.Props[name]))
		}
	}
	if len(e.OneOf) > 0 && !slices.ContainsFunc(e.OneOf, func(names []string) bool { return hasAll(params, names) }) {
		var sets []string
		for _, names := range e.OneOf {
			sets = append(sets, strings.Join(names, " and "))
		}
		return "it needs " + strings.Join(sets, ", or ")
	}
	return ""
}

func hasAll(params map[string]any, names []string) bool {
	for _, name := range names {
		if _, ok := params[name]; !ok {
			return false
		}
	}
	return true
}

// check says what is wrong with a value, or nothing.
func check(s *reference.Schema, value any, at string) string {
	if value == nil {
		if s.Null || s.Type == "" && len(s.AnyOf) == 0 {
			return ""
		}
		return fmt.Sprintf("%s cannot be null: it is %s", at, describe(s))
	}
	if len(s.AnyOf) > 0 {
		if slices.ContainsFunc(s.AnyOf, func(arm *reference.Schema) bool { return check(arm, value, at) == "" }) {
			return ""
		}
		return fmt.Sprintf("%s is %s, not %s", at, kindOf(value), describe(s))
	}
	if kind := kindOf(value); s.Type != "" && !fits(s.Type, value) {
		return fmt.Sprintf("%s is %s, not %s", at, kind, describe(s))
	}
	switch v := value.(type) {
	case string:
		return checkString(s, v, at)
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return fmt.Sprintf("%s is %s, which is too large", at, v)
		}
		if s.Min != nil && f < *s.Min || s.Max != nil && f > *s.Max {
			return fmt.Sprintf("%s is %s, not %s", at, v, describe(s))
		}
	case []any:
		if bad := checkLength(s, len(v), "item", at); bad != "" {
			return bad
		}
		if s.Items != nil {
			for i, item := range v {
				if bad := check(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); bad != "" {
					return bad
				}
			}
		}
	case map[string]any:
		for _, name := range sortedKeys(v) {
			part, known := s.Props[name]
			if !known {
				if s.Props != nil {
					return fmt.Sprintf("%s has no part %s; it has %s", at, name, strings.Join(sortedKeys(s.Props), ", "))
				}
				continue
			}
			if bad := check(part, v[name], at+"."+name); bad != "" {
				return bad
			}
		}
	}
	return ""
}

func checkString(s *reference.Schema, v, at string) string {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return fmt.Sprintf("%s is %s, not %s", at, clip(strconv.Quote(v), 40), describe(s))
	}
	if bad := checkLength(s, utf8.RuneCountInString(v), "character", at); bad != "" {
		return bad
	}
	if s.Pattern != "" {
		// What JavaScript has and Go has not is left to the server.
		if re, err := regexp.Compile(s.Pattern); err == nil && !re.MatchString(v) {
			return fmt.Sprintf("%s is %s, which does not match %s", at, clip(strconv.Quote(v), 40), s.Pattern)
		}
	}
	return ""
}

func checkLength(s *reference.Schema, n int, noun, at string) string {
	if s.MaxLength != nil && n > *s.MaxLength {
		return fmt.Sprintf("%s has %s; there may be %d", at, counted(n, noun), *s.MaxLength)
	}
	if s.MinLength != nil && n < *s.MinLength {
		return fmt.Sprintf("%s has %s; there must be %d", at, counted(n, noun), *s.MinLength)
	}
	return ""
}

func fits(kind string, value any) bool {
	switch v := value.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case json.Number:
		return kind == "number" || kind == "integer" && !strings.ContainsAny(v.String(), ".eE")
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case []any:
		return "a list"
	}
	return "an object"
}
