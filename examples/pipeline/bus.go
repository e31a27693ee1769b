package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/webhook"
)

const (
	// leaseTime is how long an account is without a stream after its process was
	// killed, at most.
	leaseTime = 5 * time.Second

	// ackWait is after how long another worker gets a job, if the one that has it
	// neither finishes nor reports progress.
	ackWait = 10 * time.Second

	// duplicates is how long the ids of messages are remembered. After a takeover
	// events come again that are not older than the last save of the cursor.
	duplicates = 10 * time.Minute
)

// embedded runs a NATS server in this process.
func embedded(dir string) (url string, stop func(), err error) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoSigs: true})
	if err != nil {
		return "", nil, err
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		srv.Shutdown()
		return "", nil, errors.New("the embedded NATS server does not start")
	}
	return srv.ClientURL(), func() { srv.Shutdown(); srv.WaitForShutdown() }, nil
}

// A bus is what processes share.
type bus struct {
	js                      jetstream.JetStream
	events                  jetstream.Stream
	leases, cursors, limits jetstream.KeyValue
}

// openBus makes what is not there yet.
func openBus(ctx context.Context, nc *nats.Conn) (*bus, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	b := &bus{js: js}
	if b.events, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "EVENTS", Subjects: []string{"events.>"}, Retention: jetstream.WorkQueuePolicy, Duplicates: duplicates,
	}); err != nil {
		return nil, fmt.Errorf("making the stream EVENTS: %w", err)
	}
	if _, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "RESULTS", Subjects: []string{"results.>"}, Duplicates: duplicates, MaxAge: 24 * time.Hour,
	}); err != nil {
		return nil, fmt.Errorf("making the stream RESULTS: %w", err)
	}
	for _, kv := range []struct {
		to   *jetstream.KeyValue
		name string
		ttl  time.Duration
	}{{&b.leases, "leases", leaseTime}, {&b.cursors, "cursors", 0}, {&b.limits, "limits", time.Hour}} {
		if *kv.to, err = js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: kv.name, TTL: kv.ttl}); err != nil {
			return nil, fmt.Errorf("making the bucket %s: %w", kv.name, err)
		}
	}
	return b, nil
}

// A job is an event of an account.
type job struct {
	// ID is the same however often, and by whichever way, the event comes.
	ID string `json:"id"`

	Account string    `json:"account"`
	Type    string    `json:"type"`
	Note    *gen.Note `json:"note"`
}

// jobOf makes a job of an event, or returns false for one that nobody handles.
func jobOf(account string, ev event.Event) (j job, ok bool) {
	j.Account = account
	switch ev := ev.(type) {
	case *event.Note:
		j.Type, j.Note = "note", &ev.Note
	case *event.Mention:
		j.Type, j.Note = "mention", &ev.Note
	case *event.Reply:
		j.Type, j.Note = "reply", &ev.Note
	default:
		return j, false
	}
	j.ID = account + "/" + j.Type + "/" + j.Note.ID
	return j, true
}

// publish hands a job to the workers. It returns when NATS has stored it.
func (b *bus) publish(ctx context.Context, j job) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = b.js.Publish(ctx, "events."+j.Account+"."+j.Type, data, jetstream.WithMsgID(j.ID), jetstream.WithRetryAttempts(10))
	return err
}

// work handles jobs. All processes are one group of consumers.
func (b *bus) work(ctx context.Context, workers int, handle func(context.Context, job) (any, error)) error {
	consumer, err := b.events.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: 10_000,
	})
	if err != nil {
		return err
	}
	msgs, err := consumer.Messages(jetstream.PullMaxMessages(2 * workers))
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, msgs.Stop)
	defer stop()
	busy := make(chan struct{}, workers)
	for {
		msg, err := msgs.Next()
		if errors.Is(err, jetstream.ErrMsgIteratorClosed) {
			break
		}
		if err != nil {
			return err
		}
		busy <- struct{}{}
		go func() {
			defer func() { <-busy }()
			if err := b.do(ctx, msg, handle); err != nil {
				slog.Error("a job failed, and will be tried again", "error", err)
				_ = msg.NakWithDelay(time.Second)
			}
		}()
	}
	for range workers { // until those that run have ended
		busy <- struct{}{}
	}
	return ctx.Err()
}

// do handles a message. Its result is published before it is acknowledged, with the
// id of the job, so that NATS keeps one result of a job that was handled twice.
func (b *bus) do(ctx context.Context, msg jetstream.Msg, handle func(context.Context, job) (any, error)) error {
	var j job
	if err := json.Unmarshal(msg.Data(), &j); err != nil || j.Note == nil {
		slog.Error("a job cannot be read, and is not tried again", "subject", msg.Subject(), "error", err)
		return msg.TermWithReason("it cannot be read")
	}
	// A job that takes longer than ackWait is not given to somebody else.
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		tick := time.NewTicker(ackWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = msg.InProgress()
			case <-alive.Done():
				return
			}
		}
	}()
	result, err := handle(ctx, j)
	if err != nil {
		return fmt.Errorf("%s: %w", j.ID, err)
	}
	data, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("%s: %w", j.ID, err)
	}
	if _, err := b.js.Publish(ctx, "results."+j.Account, data, jetstream.WithMsgID(j.ID)); err != nil {
		return fmt.Errorf("%s: %w", j.ID, err)
	}
	return msg.DoubleAck(ctx)
}

// receive takes the webhooks of accounts that have a secret. An instance delivers
// again what could not be published.
func (b *bus) receive(ctx context.Context, listen string, accounts []Account) error {
	mux := http.NewServeMux()
	for _, a := range accounts {
		if a.Secret == "" {
			continue
		}
		h, err := webhook.New(func(ctx context.Context, ev event.Event) error {
			if j, ok := jobOf(a.Name, ev); ok && !webhook.From(ev).Test {
				return b.publish(ctx, j)
			}
			return nil
		}, webhook.Options{Secrets: []webhook.Secret{{Value: a.Secret}}, Workers: 4})
		if err != nil {
			return fmt.Errorf("account %s: %w", a.Name, err)
		}
		mux.Handle("POST /"+a.Name, h)
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = srv.Shutdown(end)
	})
	defer stop()
	return srv.Serve(listener)
}
