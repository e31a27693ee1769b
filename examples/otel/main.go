// Command otel streams the events of an account, and reports how that goes by
// OpenTelemetry:
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run .
//
// The token needs the permission read:account. The metrics are printed every ten
// seconds; a program would give the reader another exporter, such as otlpmetrichttp.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/stream"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "otel:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) (err error) {
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err != nil {
		return err
	}
	exporter, err := stdoutmetric.New()
	if err != nil {
		return err
	}
	provider := sdk.NewMeterProvider(sdk.WithReader(sdk.NewPeriodicReader(exporter, sdk.WithInterval(10*time.Second))))
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, provider.Shutdown(end))
	}()
	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.Main{})
	if err := observe(provider.Meter("misskey"), mk, st); err != nil {
		return err
	}
	for _, err := range st.Events(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

// observe reports the counters of a client and a stream whenever metrics are read.
func observe(meter metric.Meter, mk *misskey.Client, st *stream.Stream) error {
	type reading struct {
		calls  misskey.CallStats
		stream stream.StreamStats
	}
	counters := map[string]func(reading) int64{
		"misskey.calls":              func(r reading) int64 { return r.calls.Calls },
		"misskey.calls.failed":       func(r reading) int64 { return r.calls.Failed },
		"misskey.calls.retries":      func(r reading) int64 { return r.calls.Retries },
		"misskey.calls.rate_limited": func(r reading) int64 { return r.calls.RateLimited },
		"misskey.calls.refused":      func(r reading) int64 { return r.calls.Refused },
		"misskey.stream.events":      func(r reading) int64 { return r.stream.Events },
		"misskey.stream.disconnects": func(r reading) int64 { return r.stream.Disconnects },
		"misskey.stream.gaps":        func(r reading) int64 { return r.stream.Gaps },
		"misskey.stream.dropped":     func(r reading) int64 { return r.stream.Dropped },
	}
	gauges := map[string]func(reading) int64{
		"misskey.calls.running":    func(r reading) int64 { return r.calls.Running },
		"misskey.stream.connected": func(r reading) int64 { return int64(r.stream.Connected) },
		"misskey.stream.confirmed": func(r reading) int64 { return int64(r.stream.Confirmed) },
		"misskey.stream.waiting":   func(r reading) int64 { return int64(r.stream.Waiting) },
	}
	type observed struct {
		instrument metric.Int64Observable
		value      func(reading) int64
	}
	var all []observed
	var instruments []metric.Observable
	for name, value := range counters {
		counter, err := meter.Int64ObservableCounter(name)
		if err != nil {
			return err
		}
		all, instruments = append(all, observed{counter, value}), append(instruments, counter)
	}
	for name, value := range gauges {
		gauge, err := meter.Int64ObservableGauge(name)
		if err != nil {
			return err
		}
		all, instruments = append(all, observed{gauge, value}), append(instruments, gauge)
	}
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		r := reading{mk.CallStats(), st.Stats()}
		for _, of := range all {
			o.ObserveInt64(of.instrument, of.value(r))
		}
		return nil
	}, instruments...)
	return err
}
