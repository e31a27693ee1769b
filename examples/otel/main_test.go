package main

import (
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

func TestMetrics(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice := srv.Client("alice")
	st := stream.New(alice, stream.Options{}, stream.HomeTimeline{}, stream.Main{})
	reader := sdk.NewManualReader()
	if err := observe(sdk.NewMeterProvider(sdk.WithReader(reader)).Meter("misskey"), alice, st); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "0"}); err == nil {
		t.Fatal("no error")
	}
	for ev, err := range st.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := ev.(*stream.Connected); !ok {
			continue
		}
		var data metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &data); err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, m := range data.ScopeMetrics[0].Metrics {
			switch points := m.Data.(type) {
			case metricdata.Sum[int64]:
				got[m.Name] = points.DataPoints[0].Value
			case metricdata.Gauge[int64]:
				got[m.Name] = points.DataPoints[0].Value
			}
		}
		if len(got) != 13 {
			t.Errorf("%d metrics", len(got))
		}
		for name, want := range map[string]int64{
			"misskey.calls.failed": 1, "misskey.calls.refused": 1, "misskey.stream.connected": 1, "misskey.stream.confirmed": 2, "misskey.stream.events": 1,
		} {
			if got[name] != want {
				t.Errorf("%s is %d, want %d", name, got[name], want)
			}
		}
		return
	}
}
