package stream

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/internal/conformance"
)

// A recorded frame of one connection.
type recordedFrame struct {
	Dir   string
	Conn  string
	Frame json.RawMessage
}

// recording returns the committed frames, or with MISSKEY_CORPUS all that are in
// that folder.
func recording(t testing.TB) (frames []recordedFrame) {
	t.Helper()
	path := "testdata/stream.jsonl.gz"
	if folder := os.Getenv("MISSKEY_CORPUS"); folder != "" {
		path = filepath.Join(folder, "stream.jsonl")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		lines = bufio.NewScanner(z)
	}
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var f recordedFrame
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		frames = append(frames, f)
	}
	return frames
}

// connectBody is what subscribes.
type connectBody struct {
	Type string
	Body struct {
		Channel, ID string
	}
}

// subscriptions finds the subscription of each id of each connection, which
// "connect" has made.
func subscriptions(frames []recordedFrame) func(conn, id string) *Subscription {
	all := map[string]*Subscription{}
	for _, f := range frames {
		var c connectBody
		if f.Dir == "out" && json.Unmarshal(f.Frame, &c) == nil && c.Type == "connect" {
			all[f.Conn+"\x00"+c.Body.ID] = &Subscription{channel: Custom{Name: c.Body.Channel}}
		}
	}
	return func(conn, id string) *Subscription { return all[conn+"\x00"+id] }
}

// Every recorded frame becomes an event of its type, and nothing of it is lost.
func TestRecordedFrames(t *testing.T) {
	frames := recording(t)
	find := subscriptions(frames)
	kindsSeen := map[string]int{}
	for _, f := range frames {
		if f.Dir != "in" {
			continue
		}
		var sent frame
		if err := json.Unmarshal(f.Frame, &sent); err != nil {
			t.Fatal(err)
		}
		d := decoder{&Options{Strict: true}, func(id string) *Subscription { return find(f.Conn, id) }}
		event, confirmed := d.decode(f.Frame)
		if sent.Type == "connected" {
			if confirmed == "" || event != nil {
				t.Errorf("%s: %v", f.Frame, event)
			}
			continue
		}
		if event == nil {
			t.Errorf("no event for %.200s", f.Frame)
			continue
		}
		if unknown, ok := event.(*Unknown); ok {
			t.Errorf("unknown (%v): %.300s", unknown.Err, f.Frame)
			continue
		}
		kindsSeen[fmt.Sprintf("%T", event)]++
		body := sent.Body
		if sent.Type == "channel" || sent.Type == "noteUpdated" {
			var b channelBody
			if err := json.Unmarshal(sent.Body, &b); err != nil {
				t.Fatal(err)
			}
			body = b.Body
		}
		if payload(event) == nil {
			if string(body) != "null" {
				t.Errorf("%T has a body: %s", event, body)
			}
			continue
		}
		again, err := json.Marshal(payload(event))
		if err != nil {
			t.Fatal(err)
		}
		if lost := conformance.Lost(body, again); len(lost) > 0 {
			t.Errorf("%T loses %v\n%.400s\n%.400s", event, lost, body, again)
		}
	}
	t.Logf("%d types of events: %v", len(kindsSeen), slices.Sorted(maps.Keys(kindsSeen)))
	if len(kindsSeen) < 50 {
		t.Errorf("only %d types of events", len(kindsSeen))
	}
}

// eventTable is EVENTS.md, made of the tables in the code.
func eventTable() string {
	var b strings.Builder
	b.WriteString("# Events\n\nMade by `UPDATE=1 go test ./stream -run EventTable`.\n\nThe last column says whether the event comes again, with Filled set, when it was missed while there was no connection.\n\n| channel | struct | account | permission | event | type | after a gap |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	name := func(event Event) string { return reflect.TypeOf(event).Elem().Name() }
	yes := map[bool]string{true: "needed"}
	for _, channel := range slices.Sorted(maps.Keys(kinds)) {
		kind := kinds[channel]
		for _, event := range slices.Sorted(maps.Keys(kind.events)) {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | `%s` | `%s` | %s |\n", channel, channelType(channel), yes[kind.credential], kind.permission, event, name(kind.events[event]()), afterGap(channel, event))
		}
	}
	b.WriteString("\nOf notes that were captured. After a gap `NoteFilled` holds such a note as it is then, for 100 notes of a connection at most.\n\n| event | type |\n| --- | --- |\n")
	for _, event := range slices.Sorted(maps.Keys(noteKinds)) {
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", event, name(noteKinds[event]()))
	}
	b.WriteString("\nTo everybody. These do not come after a gap.\n\n| message | type |\n| --- | --- |\n")
	for _, event := range slices.Sorted(maps.Keys(broadcasts)) {
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", event, name(broadcasts[event]()))
	}
	return b.String()
}

// afterGap says whether an event comes again that was missed.
func afterGap(channel, event string) string {
	for _, c := range channels {
		if c.channelName() != channel {
			continue
		}
		for _, opts := range []Options{{}, {FillAntennas: true}, {FillChats: true}} {
			sources, _ := (&Stream{opts: opts}).sourcesOf(c)
			for _, from := range sources {
				switch {
				case !slices.Contains(from.types, event):
				case opts.FillAntennas:
					return "with FillAntennas, by " + from.endpoint
				case opts.FillChats:
					return "with FillChats, by " + from.endpoint
				default:
					return "yes, by " + from.endpoint
				}
			}
		}
	}
	if channel == "serverStats" || channel == "queueStats" {
		return "the next one replaces it"
	}
	return "no"
}

// channels is one of each.
var channels = []Channel{Main{}, HomeTimeline{}, LocalTimeline{}, HybridTimeline{}, GlobalTimeline{}, UserList{}, Hashtag{Query: [][]string{{"tag"}}}, RoleTimeline{},
	Antenna{}, ChannelTimeline{}, Drive{}, ServerStats{}, QueueStats{}, Admin{}, ChatUser{}, ChatRoom{}, Reversi{}, ReversiGame{}}

func channelType(name string) string {
	for _, c := range channels {
		if c.channelName() == name {
			return reflect.TypeOf(c).Name()
		}
	}
	return ""
}

func TestEventTable(t *testing.T) {
	if len(channels) != 18 || len(kinds) != 18 {
		t.Errorf("%d channels, %d of them known", len(channels), len(kinds))
	}
	got, err := os.ReadFile("EVENTS.md")
	if os.Getenv("UPDATE") != "" {
		err = os.WriteFile("EVENTS.md", []byte(eventTable()), 0o644)
		got = []byte(eventTable())
	}
	if err != nil || string(got) != eventTable() {
		t.Errorf("EVENTS.md is out of date (%v): UPDATE=1 go test ./stream -run EventTable writes it", err)
	}
}

func TestUnknown(t *testing.T) {
	sub := &Subscription{channel: Main{}}
	d := decoder{&Options{}, func(string) *Subscription { return sub }}
	for _, tt := range []struct {
		frame, kind, event, note string
		bad                      bool
	}{
		{`{"type":"channel","body":{"id":"1","type":"novelty","body":{"a":1}}}`, "channel", "novelty", "", false},
		{`{"type":"noteUpdated","body":{"id":"n","type":"updated","body":{"text":"x"}}}`, "noteUpdated", "updated", "n", false},
		{`{"type":"novelty","body":1}`, "novelty", "", "", false},
		{`{"type":"channel","body":{"id":"1","type":"notification","body":7}}`, "channel", "notification", "", true},
		{`{"type":"channel","body":7}`, "channel", "", "", true},
		{`{"type":"connected","body":7}`, "connected", "", "", true},
		{`nonsense`, "", "", "", true},
		{`[]`, "", "", "", true},
	} {
		event, _ := d.decode([]byte(tt.frame))
		u, ok := event.(*Unknown)
		if !ok || u.Type != tt.kind || u.Event != tt.event || u.NoteID != tt.note || (u.Err != nil) != tt.bad || len(u.Body) == 0 {
			t.Errorf("%s: %+v", tt.frame, event)
		}
	}
	sub = nil
	if event, _ := d.decode([]byte(`{"type":"channel","body":{"id":"1","type":"notification","body":{}}}`)); event != nil {
		t.Errorf("an event of no subscription: %v", event)
	}
}

// A value of another kind leaves its field at zero, and the event reports it.
func TestMismatchesOfEvents(t *testing.T) {
	sub := &Subscription{channel: HomeTimeline{}}
	frame := []byte(`{"type":"channel","body":{"id":"1","type":"note","body":{"id":"n","text":7,"user":{"id":"u","name":[]}}}}`)
	find := func(string) *Subscription { return sub }
	event, _ := (&decoder{&Options{KeepRaw: true}, find}).decode(frame)
	note, ok := event.(*Note)
	if !ok || note.ID != "n" || note.Text != nil || note.User.ID != "u" || From(note) != sub || kept(note).Size < len(frame) {
		t.Fatalf("%+v", event)
	}
	var places []string
	for _, m := range note.Mismatches() {
		places = append(places, m.Pointer+" "+m.Found)
	}
	if want := []string{"/text number", "/user/name array"}; !slices.Equal(places, want) {
		t.Errorf("%q, want %q", places, want)
	}
	strict, _ := (&decoder{&Options{Strict: true}, find}).decode(frame)
	if u, ok := strict.(*Unknown); !ok || u.Event != "note" || u.Err == nil || !strings.Contains(u.Err.Error(), "at /text") || len(u.Body) == 0 || u.Raw() != nil {
		t.Errorf("strictly: %+v", strict)
	}
	// The buffer of a message is used again.
	raw := string(note.Raw())
	clear(frame)
	if string(note.Raw()) != raw || note.ID != "n" || string(strict.(*Unknown).Body) != raw {
		t.Error("the event has changed with the message")
	}
}

// Whatever comes, there is an event or none, and no panic.
func FuzzDecode(f *testing.F) {
	for _, r := range recording(f) {
		if r.Dir == "in" && len(r.Frame) < 2000 {
			f.Add([]byte(r.Frame))
		}
	}
	names := slices.Sorted(maps.Keys(kinds))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range names {
			sub := &Subscription{channel: Custom{Name: name}}
			d := decoder{&Options{KeepRaw: true}, func(string) *Subscription { return sub }}
			event, confirmed := d.decode(data)
			want, _ := d.whole(data)
			if !reflect.DeepEqual(event, want) {
				t.Errorf("%T %+v\nread as a whole %T %+v", event, event, want, want)
			}
			if event != nil && confirmed != "" {
				t.Errorf("both %v and %s", event, confirmed)
			}
			if event != nil && payload(event) != nil {
				if _, err := json.Marshal(payload(event)); err != nil {
					t.Errorf("%T: %v", event, err)
				}
			}
		}
	})
}

// BenchmarkDecode decodes all recorded frames.
func BenchmarkDecode(b *testing.B) {
	frames := recording(b)
	find := subscriptions(frames)
	var size int64
	in := slices.DeleteFunc(frames, func(f recordedFrame) bool { return f.Dir != "in" })
	for _, f := range in {
		size += int64(len(f.Frame))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range in {
			d := decoder{&Options{}, func(id string) *Subscription { return find(f.Conn, id) }}
			d.decode(f.Frame)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(in)), "µs/frame")
}
