package misskey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
)

// A param is a parameter with its value as JSON.
type param struct {
	name  string
	value json.RawMessage
}

// splitParams returns the members of a JSON object in order.
func splitParams(object []byte) ([]param, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil { // the brace
		return nil, err
	}
	var params []param
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		p := param{name: fmt.Sprint(name)}
		if err := dec.Decode(&p.value); err != nil {
			return nil, err
		}
		params = append(params, p)
	}
	return params, nil
}

// scalar returns a text, number, true or false as it is written outside of
// JSON; ok is false for all else.
func scalar(value json.RawMessage) (s string, ok bool) {
	switch value[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		err := json.Unmarshal(value, &s)
		return s, err == nil
	}
	return string(value), true
}

// encodeQuery writes parameters as the query of a GET: numbers, true and false
// as in JSON, an array as its items under the same name.
func encodeQuery(object []byte) (string, error) {
	params, err := splitParams(object)
	if err != nil {
		return "", err
	}
	query := url.Values{}
	for _, p := range params {
		items := []json.RawMessage{p.value}
		if p.value[0] == '[' {
			if err := json.Unmarshal(p.value, &items); err != nil {
				return "", err
			}
			if len(items) < 2 {
				// The server would see no parameter, or its item alone.
				return "", fmt.Errorf("parameter %s: a query cannot say an array of fewer than two items; leave out misskey.GET", p.name)
			}
		}
		for _, item := range items {
			s, ok := scalar(item)
			if !ok {
				return "", fmt.Errorf("parameter %s: a query cannot say %s; leave it out, or misskey.GET", p.name, kind(item))
			}
			query.Add(p.name, s)
		}
	}
	return query.Encode(), nil
}

// kind names a JSON value that is not a scalar.
func kind(value json.RawMessage) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "null"
}
