// Command pipeline takes the events of many accounts into NATS JetStream, and handles
// them there, with any number of processes on any number of machines.
//
//	go run . -accounts accounts.json
//
// accounts.json is a list of accounts:
//
//	[{"name": "alice", "url": "https://misskey.example", "token": "…"}]
//
// The tokens need the permission read:account, and read:notifications for mentions.
// Without NATS_URL the process runs a NATS server of its own, with its data in
// ./nats. With it, start as many processes as needed: for each account one of them
// streams, and the others stand by; all of them handle events.
//
// With -listen it receives the webhooks of the accounts, too, at /ACCOUNT: give the
// account a "secret".
//
// docs/scaling.md says how this grows.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"sync"
	"syscall"

	"github.com/nats-io/nats.go"

	"github.com/misskey-go/misskey"
)

// An Account is one that a process may stream for.
type Account struct {
	// Name stands for the account in keys. It has letters, digits, - and _.
	Name string `json:"name"`

	// URL is the instance, and Token that of the account.
	URL   string `json:"url"`
	Token string `json:"token"`

	// Secret is that of the account's webhook; empty for none.
	Secret string `json:"secret"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, os.Args[1:]); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	file := flags.String("accounts", "accounts.json", "the `file` with the accounts")
	listen := flags.String("listen", "", "the `address` at which to receive webhooks")
	workers := flags.Int("workers", 4, "how many events to handle at once")
	most := flags.Int("most", 1000, "for how many accounts this process may stream")
	if err := flags.Parse(args); err != nil {
		return err
	}
	accounts, err := readAccounts(*file)
	if err != nil {
		return err
	}
	url := os.Getenv("NATS_URL")
	if url == "" {
		var stop func()
		if url, stop, err = embedded("nats"); err != nil {
			return err
		}
		defer stop()
	}
	nc, err := nats.Connect(url, nats.Name("misskey pipeline"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true))
	if err != nil {
		return fmt.Errorf("connecting to NATS: %w", err)
	}
	defer nc.Close()
	b, err := openBus(ctx, nc)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	p := &process{bus: b, name: fmt.Sprintf("%s-%d", host, os.Getpid()), slots: make(chan struct{}, *most)}
	return p.run(ctx, accounts, *workers, *listen)
}

var accountName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func readAccounts(file string) (accounts []Account, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &accounts); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	seen := map[string]bool{}
	for _, a := range accounts {
		if !accountName.MatchString(a.Name) || seen[a.Name] {
			return nil, fmt.Errorf("%s: the name %q is used twice or has other characters than letters, digits, - and _", file, a.Name)
		}
		seen[a.Name] = true
	}
	return accounts, nil
}

// A process is one of those that share the work.
type process struct {
	bus   *bus
	name  string        // in leases
	slots chan struct{} // one for each account that it may stream for
}

// run streams, receives and handles until ctx ends or something fails for good.
func (p *process) run(ctx context.Context, accounts []Account, workers int, listen string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	begin := func(what string, do func() error) {
		running.Go(func() {
			if err := do(); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s: %w", what, err))
			}
		})
	}
	for _, a := range accounts {
		// Every call for the account, in whatever process, waits for the same limit.
		mk, err := misskey.New(a.URL, misskey.WithToken(a.Token), misskey.WithLimiter(&limiter{p.bus.limits, a.Name, perCall}), misskey.WithLogger(slog.Default()))
		if err != nil {
			return fmt.Errorf("account %s: %w", a.Name, err)
		}
		begin("account "+a.Name, func() error { return p.standBy(ctx, a, mk) })
	}
	begin("handling", func() error { return p.bus.work(ctx, workers, handle) })
	if listen != "" {
		begin("webhooks", func() error { return p.bus.receive(ctx, listen, accounts) })
	}
	<-ctx.Done()
	running.Wait()
	return context.Cause(ctx)
}

// handle is what the program is for. It may be called for the same job again, by
// another process, if this one is killed; only one of the results is kept. What it
// does beside that, such as posting a note, has to be looked up first.
func handle(_ context.Context, j job) (result any, err error) {
	length := 0
	if j.Note.Text != nil {
		length = len([]rune(*j.Note.Text))
	}
	return map[string]any{"note": j.Note.ID, "by": j.Note.User.Username, "characters": length}, nil
}
