package api

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// A PolicyValue is the value of one policy of a role: true or false, a number,
// which may have a fraction (rateLimitFactor), a text (chatAvailability), or a
// list of texts (uploadableFileTypes). Which of them it is depends on the
// policy. What is none of them is kept as it came.
//
// The zero value stands for null. Two PolicyValues are equal where their JSON
// is.
type PolicyValue struct {
	json string
}

// PolicyBool returns the value of a policy that is on or off.
func PolicyBool(v bool) PolicyValue {
	return PolicyValue{strconv.FormatBool(v)}
}

// PolicyNumber returns the value of a policy that is a number. JSON has no
// infinities and no NaN; the value made of one cannot be encoded.
func PolicyNumber(v float64) PolicyValue {
	data, err := json.Marshal(v)
	if err != nil {
		return PolicyValue{fmt.Sprint(v)}
	}
	return PolicyValue{string(data)}
}

// PolicyText returns the value of a policy that is a text.
func PolicyText(v string) PolicyValue {
	data, _ := marshal(v) // a string never fails
	return PolicyValue{string(data)}
}

// PolicyTexts returns the value of a policy that is a list of texts.
func PolicyTexts(v ...string) PolicyValue {
	if v == nil {
		v = []string{}
	}
	data, _ := marshal(v)
	return PolicyValue{string(data)}
}

// Bool returns the value; ok says whether it is true or false.
func (v PolicyValue) Bool() (b, ok bool) { return policyAs[bool](v) }

// Number returns the value; ok says whether it is a number.
func (v PolicyValue) Number() (n float64, ok bool) { return policyAs[float64](v) }

// Text returns the value; ok says whether it is a text.
func (v PolicyValue) Text() (s string, ok bool) { return policyAs[string](v) }

// Texts returns the value; ok says whether it is a list of texts.
func (v PolicyValue) Texts() (list []string, ok bool) { return policyAs[[]string](v) }

func policyAs[T any](v PolicyValue) (T, bool) {
	var to, none T
	if v.IsZero() || json.Unmarshal([]byte(v.json), &to) != nil {
		return none, false
	}
	return to, true
}

// IsZero reports whether the value is null. It makes the option omitzero of
// encoding/json leave v out.
func (v PolicyValue) IsZero() bool { return v.json == "" }

// String returns the value as JSON.
func (v PolicyValue) String() string {
	if v.IsZero() {
		return "null"
	}
	return v.json
}

// MarshalJSON returns the value as it came or was made.
func (v PolicyValue) MarshalJSON() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalJSON keeps the value as it comes.
func (v *PolicyValue) UnmarshalJSON(data []byte) error {
	if data = trim(data); string(data) == "null" {
		*v = PolicyValue{}
		return nil
	}
	if !json.Valid(data) {
		return fmt.Errorf("misskey: a policy's value is not JSON")
	}
	*v = PolicyValue{string(data)}
	return nil
}
