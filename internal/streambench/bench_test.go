package main

import (
	"os"
	"testing"
)

// TestMain lets the test be what it starts.
func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// A little of everything is measured.
func TestRun(t *testing.T) {
	t.Chdir("../..") // where the recording is
	results, err := run(t.Context(), plan{notes: 200, connections: 5, captures: 2000, runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 {
		t.Fatalf("%+v", results)
	}
	for _, r := range results {
		if r.rate <= 0 || r.bytesPerSecond <= r.rate*500 || r.cpu <= 0 {
			t.Errorf("%+v", r)
		}
	}
}
