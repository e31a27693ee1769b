package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/misskey-go/misskey/mfm"
)

// An expectation is what mfm.js makes of a text: see parse.mjs.
type expectation struct {
	Text string          `json:"text"`
	Want json.RawMessage `json:"want"`
}

// ours returns what package mfm makes of a text, in the form of parse.mjs.
func ours(text string) ([]byte, error) {
	tree := mfm.Parse(text)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode([]any{list(tree), list(mfm.ParseSimple(text)), list(mfm.Parse(text, mfm.NestLimit(3))), mfm.String(tree)})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// list is what mfm.js has for no nodes, too.
func list(nodes []mfm.Node) []mfm.Node {
	if nodes == nil {
		return []mfm.Node{}
	}
	return nodes
}

// same reports whether two JSON texts have the same value, and their properties
// the same order.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	// Go escapes more than JavaScript does.
	x, errX := tokens(a)
	y, errY := tokens(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

func tokens(data []byte) ([]json.Token, error) {
	if !json.Valid(data) {
		return nil, errors.New("not JSON")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	var all []json.Token
	for {
		t, err := dec.Token()
		if err != nil {
			return all, nil // the end
		}
		all = append(all, t)
	}
}

// benchOurs returns how many nanoseconds a text takes.
func benchOurs(texts []string) float64 {
	rounds, start := 0, time.Now()
	for time.Since(start) < 2*time.Second {
		for _, text := range texts {
			_ = mfm.Parse(text)
		}
		rounds++
	}
	return float64(time.Since(start).Nanoseconds()) / float64(rounds*len(texts))
}
