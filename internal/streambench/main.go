// Command streambench measures package stream against code written by hand, and
// against misskey-js of npm, on the same frames in the same run.
//
//	go run ./internal/streambench      # needs Go
//	go run ./internal/streambench -js  # needs node and npm, too
//
// A process of its own sends recorded notes, each with an id of its own, as fast
// as they are taken, and other processes take them, one after the other. CPU is
// that of a whole process, from its start to its end, by the note; memory is what
// a process has more in RAM after its garbage has been collected.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "streambench:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	if work, ok := roles[os.Getenv(roleVariable)]; ok {
		return work(ctx)
	}
	var p plan
	flag.IntVar(&p.notes, "notes", 200_000, "how many notes are sent over one connection")
	flag.IntVar(&p.connections, "connections", 1000, "how many connections one process has")
	flag.IntVar(&p.captures, "captures", 100_000, "how many notes are captured")
	flag.IntVar(&p.runs, "runs", 3, "how often each is measured; the best run counts")
	flag.BoolVar(&p.js, "js", false, "measure misskey-js, too")
	flag.Parse()
	results, err := run(ctx, p)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tnotes/s\tMB/s\tCPU/note\tmemory/connection\tmemory/captured note\t")
	for _, r := range results {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%v\t%s\t%s\t\n", r.name, r.rate, r.bytesPerSecond/1e6, r.cpu, size(r.perConnection), size(r.perCapture))
	}
	return w.Flush()
}

func size(bytes float64) string {
	switch {
	case bytes <= 0:
		return "-"
	case bytes < 10_000:
		return fmt.Sprintf("%.0f B", bytes)
	}
	return fmt.Sprintf("%.1f kB", bytes/1000)
}
