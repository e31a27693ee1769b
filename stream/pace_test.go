package stream_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// Whatever the ratio of rate, delay and queue, the stream makes progress: every
// note comes once and in order, nothing is reported as missing, and the stream
// connects no more often than Pause allows.
func TestProgress(t *testing.T) {
	const length = 10 * time.Second // of the posting
	for _, rate := range []int{10, 100} {
		for _, delay := range []time.Duration{0, 500 * time.Millisecond, time.Second} {
			for _, queue := range []int{1, 40, 10_000} {
				for _, slow := range []bool{false, true} {
					t.Run(fmt.Sprintf("rate %d, delay %v, queue %d, slow %v", rate, delay, queue, slow), func(t *testing.T) {
						bubble(t, func(t *testing.T, srv *misskeytest.Server) { testProgress(t, srv, rate, delay, queue, slow, length) })
					})
				}
			}
		}
	}
}

func testProgress(t *testing.T, srv *misskeytest.Server, rate int, delay time.Duration, queue int, slow bool, length time.Duration) {
	bob, start := srv.Client("bob"), time.Now()
	if delay > 0 {
		srv.Fail("notes/global-timeline", misskeytest.Slow(delay), -1)
	}
	posted := make(chan []string, 1)
	var got []string
	var last, after time.Duration
	reconnected := 0
	st := stream.New(srv.Client(""), stream.Options{Queue: queue}, stream.GlobalTimeline{})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for event, err := range st.Events(ctx) {
		if err != nil {
			t.Errorf("%d notes have come: %v", len(got), err)
			break
		}
		switch event := event.(type) {
		case *stream.Connected:
			start = time.Now()
			go func() {
				var ids []string
				for n := range int(length/time.Second) * rate {
					time.Sleep(time.Second / time.Duration(rate))
					if n == rate {
						srv.CutStreams()
					}
					ids = append(ids, post(t, bob, gen.NotesCreateRequest{Text: new("x")}).ID)
				}
				posted <- ids
			}()
		case *stream.Note:
			got = append(got, event.ID)
			last = time.Since(start)
			if slow && len(got)%rate == 0 { // at first, and then it catches up
				time.Sleep(3 * time.Second / time.Duration(1+len(got)/rate))
			}
		case *stream.Reconnected:
			if reconnected++; reconnected == 1 {
				after = time.Since(start)
			}
			for _, missed := range event.Missed {
				t.Errorf("missed: %s", missed.Why)
			}
		}
		if len(got) >= rate*int(length/time.Second) && reconnected > 0 {
			break
		}
	}
	want := <-posted
	if !slices.Equal(got, want) {
		t.Errorf("%d notes came, %d were posted", len(got), len(want))
	}
	connections := len(srv.Requests("streaming"))
	if limit := 2 + int(last/(500*time.Millisecond)); connections > limit {
		t.Errorf("%d connections in %v", connections, last)
	}
	if after > length { // while notes come
		t.Errorf("it was connected again after %v only", after)
	}
	if late := last - length; late > 20*time.Second {
		t.Errorf("the last note came %v late", late)
	}
	t.Logf("%d notes, %d connections; reconnected after %v, all there %v after the last was posted", len(got), connections, after.Round(time.Millisecond), (last - length).Round(time.Millisecond))
	synctest.Wait()
}

// Where the instance is too slow for what comes, the stream goes on all the same,
// and reports it.
func TestTooFast(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		const total, rate = 2000, 100
		bob := srv.Client("bob")
		srv.Fail("notes/global-timeline", misskeytest.Slow(2*time.Second), -1) // 50 notes a second
		var posting sync.WaitGroup
		defer posting.Wait()
		got, connections, cut := map[string]bool{}, 0, false
		var last string
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		for event, err := range stream.New(srv.Client(""), stream.Options{Queue: 40, MaxFill: 500}, stream.GlobalTimeline{}).Events(ctx) {
			if err != nil {
				t.Error(err)
				break
			}
			switch event := event.(type) {
			case *stream.Connected:
				posting.Go(func() {
					for n := range total {
						time.Sleep(time.Second / rate)
						if n == rate {
							srv.CutStreams()
							for range 600 { // at once
								post(t, bob, gen.NotesCreateRequest{Text: new("x")})
							}
						}
						post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint(n))})
					}
				})
			case *stream.Note:
				if got[event.ID] {
					t.Errorf("%s came twice", event.ID)
				}
				got[event.ID], last = true, *event.Text
			case *stream.Reconnected:
				for _, missed := range event.Missed {
					cut = cut || missed.Cut && slices.Equal(missed.Types, []string{"note"})
				}
			}
			if last == fmt.Sprint(total-1) {
				break
			}
		}
		if connections = len(srv.Requests("streaming")); !cut || len(got) < 1000 || connections > 20 {
			t.Errorf("%d notes, %d connections, reported %v", len(got), connections, cut)
		}
	})
}
