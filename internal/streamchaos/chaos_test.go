package main

import (
	"context"
	"runtime"
	"testing"
	"time"
)

func TestChaos(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := run(ctx, plan{notes: 500, rate: 100, cuts: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	// How often the gap is filled before the next cut depends on the machine.
	if !r.ok() || r.cuts != 5 || r.filled == 0 {
		t.Errorf("%+v", r)
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before+1 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines more\n%s", runtime.NumGoroutine()-before, stacks[:runtime.Stack(stacks, true)])
}
