package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
)

//go:embed testdata/http.jsonl
var recording []byte

// A recordedExchange is one line of the recording; see internal/conformance.
type recordedExchange struct {
	Endpoint string            `json:"endpoint"`
	Auth     string            `json:"auth"`
	Request  map[string]any    `json:"request"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Response json.RawMessage   `json:"response"`
}

// startRecorded starts a server on this machine that answers with recorded
// exchanges.
func startRecorded() (*httptest.Server, error) {
	handler, err := newRecorded()
	if err != nil {
		return nil, err
	}
	return httptest.NewServer(handler), nil
}

type recorded []recordedExchange

func newRecorded() (recorded, error) {
	var all recorded
	for lines := json.NewDecoder(bytes.NewReader(recording)); ; {
		var e recordedExchange
		if err := lines.Decode(&e); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading the recorded exchanges: %w", err)
		}
		all = append(all, e)
	}
}

// ServeHTTP answers as the server did to the most similar request that was
// recorded.
func (all recorded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	params := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&params); err != nil {
		http.Error(w, "the body is no JSON object", http.StatusBadRequest)
		return
	}
	_, known := params["i"]
	delete(params, "i")
	e := all.find(strings.TrimPrefix(r.URL.Path, "/api/"), !known, params)
	if e == nil {
		http.Error(w, "nothing like that was recorded", http.StatusNotFound)
		return
	}
	for name, value := range e.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(e.Status)
	if e.Status != http.StatusNoContent {
		_, _ = w.Write(e.Response) // the client has gone, or it has not
	}
}

// find returns the exchange with the same parameters or, failing that, the
// success that has the most of them by name.
func (all recorded) find(endpoint string, anonymous bool, params map[string]any) *recordedExchange {
	var best *recordedExchange
	most := -1
	for i := range all {
		e := &all[i]
		if e.Endpoint != endpoint || (e.Auth == "anon") != anonymous {
			continue
		}
		if reflect.DeepEqual(e.Request, params) {
			return e
		}
		if e.Status >= 300 {
			continue
		}
		common := 0
		for name := range params {
			if _, ok := e.Request[name]; ok {
				common++
			}
		}
		for name := range e.Request {
			if _, ok := params[name]; !ok && strings.HasSuffix(name, "Id") {
				common-- // a note that is no reply is not answered with one
			}
		}
		if common > most {
			best, most = e, common
		}
	}
	return best
}
