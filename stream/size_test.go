package stream

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// What is counted for an event is what it takes.
func TestSizeOf(t *testing.T) {
	sub := &Subscription{channel: HomeTimeline{}}
	frame := `{"type":"channel","body":{"id":"1","type":"note","body":{"id":"a","text":"` + strings.Repeat("x", 1000) + `","files":[{}` + strings.Repeat(",{}", 999) + `]}}}`
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	event, _ := (&decoder{&Options{}, func(string) *Subscription { return sub }}).decode([]byte(frame))
	runtime.GC()
	runtime.ReadMemStats(&after)
	takes, counted := int(after.HeapAlloc)-int(before.HeapAlloc), sizeOf(event)
	if estimate := kept(event).Size; estimate < counted || estimate > 3*counted {
		t.Errorf("estimated at %d bytes, counted %d", estimate, counted)
	}
	if counted < 1000*int(reflect.TypeFor[gen.DriveFile]().Size()) || counted < takes*8/10 || counted > takes*2 {
		t.Errorf("counted %d bytes, of %d that it takes", counted, takes)
	}
	t.Logf("%d bytes of JSON take %d bytes, counted %d", len(frame), takes, counted)
	runtime.KeepAlive(event)
}

// A message that would take too much memory is an Unknown.
func TestTooRich(t *testing.T) {
	sub := &Subscription{channel: HomeTimeline{}}
	frame := `{"type":"channel","body":{"id":"1","type":"note","body":{"id":"a","files":[{}` + strings.Repeat(",{}", 3<<20) + `]}}}`
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	event, _ := (&decoder{&Options{}, func(string) *Subscription { return sub }}).decode([]byte(frame))
	runtime.ReadMemStats(&after)
	if u, ok := event.(*Unknown); !ok || !errors.Is(u.Err, decode.ErrTooMuch) || len(u.Body) < len(frame)-100 {
		t.Errorf("%T", event)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > maxBuilt+uint64(2*len(frame)) {
		t.Errorf("%d MiB for a message of 9 MiB", took>>20)
	}
}

// What is remembered of an id does not depend on its length.
func TestLongIDs(t *testing.T) {
	var s seen
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	id := func(n int) string { return strings.Repeat("x", 1<<20) + fmt.Sprint(n) }
	for n := range 200 {
		s.add(id(n), time.Now(), time.Now())
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if took := int64(after.HeapAlloc) - int64(before.HeapAlloc); took > 4<<20 {
		t.Errorf("%d MiB for 200 ids", took>>20)
	}
	if !s.has(id(0)) || !s.has(id(199)) || s.has(id(200)) {
		t.Error("they are mistaken for each other")
	}
}

func BenchmarkSizeOf(b *testing.B) {
	var all []Event
	frames := recording(b)
	find := subscriptions(frames)
	for _, f := range frames {
		if f.Dir == "in" {
			d := decoder{&Options{}, func(id string) *Subscription { return find(f.Conn, id) }}
			if event, _ := d.decode(f.Frame); event != nil {
				all = append(all, event)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, event := range all {
			sizeOf(event)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/event")
}
