package api

import (
	"encoding/json"
	"testing"
)

func TestQueueDelay(t *testing.T) {
	const wire = `[["127.0.0.1:4443",1],["a<b.example",9007199254740993]]`
	var got []QueueDelay
	if err := json.Unmarshal([]byte(wire), &got); err != nil {
		t.Fatal(err)
	}
	want := []QueueDelay{{"127.0.0.1:4443", 1}, {"a<b.example", 9007199254740993}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %v, want %v", got, want)
	}
	data, err := marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != wire {
		t.Errorf("encoded again: %s, want %s", data, wire)
	}
}

func TestQueueDelayOddInput(t *testing.T) {
	for _, tt := range []struct {
		wire string
		want QueueDelay
		ok   bool
	}{
		{`null`, QueueDelay{}, true},
		{`["h", 2, "more"]`, QueueDelay{"h", 2}, true},
		{`[]`, QueueDelay{}, false},
		{`["h"]`, QueueDelay{}, false},
		{`[1, 2]`, QueueDelay{}, false},
		{`["h", "2"]`, QueueDelay{}, false},
		{`{"host":"h","count":2}`, QueueDelay{}, false},
	} {
		got := QueueDelay{"old", 7}
		if err := json.Unmarshal([]byte(tt.wire), &got); (err == nil) != tt.ok {
			t.Errorf("%s: error %v", tt.wire, err)
		}
		if got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.wire, got, tt.want)
		}
	}
}

func FuzzQueueDelay(f *testing.F) {
	for _, seed := range []string{`["a",1]`, `null`, `[]`, `[null,null]`, `["\ud800",-0]`, `{}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d, again QueueDelay
		if json.Unmarshal(data, &d) != nil {
			return
		}
		out, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if err := json.Unmarshal(out, &again); err != nil || again != d {
			t.Fatalf("%s became %s: %v, %v", data, out, again, err)
		}
	})
}
