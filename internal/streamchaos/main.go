// Command streamchaos cuts the connection of a stream again and again, at random
// places, while notes are posted, and checks that every note of two timelines
// comes once and in order. The options of the stream are the defaults.
//
//	go run ./internal/streamchaos # 2,000 notes, 40 a second, and 30 cuts
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
	flag.IntVar(&p.notes, "notes", 2000, "how many notes are posted")
	flag.IntVar(&p.rate, "rate", 40, "how many notes are posted a second")
	flag.IntVar(&p.cuts, "cuts", 30, "how often the connection is cut")
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
