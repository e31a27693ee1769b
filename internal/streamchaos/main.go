// Command streamchaos tests streams under bad conditions. It cuts the connection of
// a stream again and again, at random places, while notes are posted, and checks
// that every note of two timelines comes once and in order. The options of the
// stream are the defaults.
//
//	go run ./internal/streamchaos # 2,000 notes, 40 a second, and 30 cuts
//
// With -kills it kills a process that reads a stream with a cursor, and checks that
// no note is lost, and that none comes again that had been saved as handled.
//
//	go run ./internal/streamchaos -kills 1000 -notes 100000 -rate 500
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	if isReader() {
		if err := readAndWrite(context.Background(), os.Stdout); err != nil {
			fmt.Println("error", err)
		}
		return
	}
	var p plan
	k := killPlan{}
	flag.IntVar(&p.notes, "notes", 2000, "how many notes are posted")
	flag.IntVar(&p.rate, "rate", 40, "how many notes are posted a second")
	flag.IntVar(&p.cuts, "cuts", 30, "how often the connection is cut")
	flag.IntVar(&k.kills, "kills", 0, "how often the process is killed, instead")
	flag.DurationVar(&k.life, "life", time.Second, "how long a process lives at most before it is killed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := chaos(ctx, p, k); err != nil {
		fmt.Fprintln(os.Stderr, "streamchaos:", err)
		os.Exit(1)
	}
}

func chaos(ctx context.Context, p plan, k killPlan) error {
	if k.kills > 0 {
		k.notes, k.rate = p.notes, p.rate
		r, err := runKills(ctx, k)
		if err != nil {
			return err
		}
		fmt.Println(r)
		if !r.ok() {
			return fmt.Errorf("the stream does not keep what it promises")
		}
		return nil
	}
	r, err := run(ctx, p)
	if err != nil {
		return err
	}
	fmt.Printf("%d notes, %v\n", p.notes, r)
	if !r.ok() {
		return fmt.Errorf("the stream does not keep what it promises")
	}
	return nil
}
