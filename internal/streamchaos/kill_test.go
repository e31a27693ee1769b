package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if isReader() {
		if err := readAndWrite(context.Background(), os.Stdout); err != nil {
			fmt.Println("error", err)
		}
		return
	}
	os.Exit(m.Run())
}

// A process that is killed 20 times loses nothing of two timelines.
func TestKills(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	r, err := runKills(ctx, killPlan{notes: 1000, rate: 200, kills: 20, life: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	if !r.ok() || r.kills < 20 {
		t.Errorf("%+v", r)
	}
}

// The comparison finds what it is for.
func TestKillReport(t *testing.T) {
	var r killReport
	r.compare([]life{
		{ids: []string{"a", "b", "c"}, saved: "b"},
		{ids: []string{"b", "c", "e", "d", "d"}}, // b had been saved
	}, []string{"a", "b", "c", "d", "e", "f"})
	if r.lost != 1 || r.again != 2 || r.most != 2 || r.tooOld != 1 || r.twice != 1 || r.misordered != 1 || r.ok() {
		t.Errorf("%+v", r)
	}
}
