// Command streamchaos cuts the connection of a stream again and again, at random
// places, while notes are posted, and checks that every note of two timelines
// comes once and in order.
//
//	go run ./internal/streamchaos # 100,000 notes, 1,000 cuts
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var p plan
	flag.IntVar(&p.notes, "notes", 100_000, "how many notes are posted")
	flag.IntVar(&p.cuts, "cuts", 1000, "how often the connection is cut")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := run(ctx, p)
	if err != nil {
		fmt.Fprintln(os.Stderr, "streamchaos:", err)
		os.Exit(1)
	}
	fmt.Printf("%d notes, %v\n", p.notes, r)
	if !r.ok() {
		os.Exit(1)
	}
}
