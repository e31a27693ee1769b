package ids

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse("2006-01-02T15:04:05.999Z", s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// Ids that instances have made, or, where none was to be had, that the code of
// Misskey makes of that time.
func TestTimeOfRecordedIDs(t *testing.T) {
	for _, tt := range []struct {
		id     string
		format Format
		time   string
	}{
		{"9bo5qnp68e", AID, "2023-02-25T23:28:32.634Z"},                    // misskey.io, with this createdAt
		{"atv14vznxu7g001m", AIDX, "2026-11-22T06:38:07.859Z"},             // a recorded note, with this createdAt
		{"9i34idf3o2udblyb", AIDX, "2023-08-06T14:48:53.103Z"},             // a fork, with this createdAt
		{"01H72HQKW2BNR81VEBZQPSVZWN", ULID, "2023-08-05T09:51:21.474Z"},   // nijimiss.moe
		{"01ARZ3NDEKTSV4RRFFQ69G5FAV", ULID, "2016-07-30T23:54:10.259Z"},   // the specification of ULID
		{"5b7a271283a513002a4b234c", ObjectID, "2018-08-20T02:27:30.000Z"}, // misskey.xyz
		{"81a201f9f3f352d5e0c3a8b1", MEID, "2026-11-22T06:38:07.859Z"},     // made
		{"g1a201f9f3f352d5e0c3a8b1", MEIDG, "2026-11-22T06:38:07.859Z"},    // made
	} {
		f, err := FormatOf(tt.id)
		if err != nil || f != tt.format {
			t.Errorf("FormatOf(%q) = %q, %v, want %q", tt.id, f, err, tt.format)
		}
		want := at(t, tt.time)
		got, err := Time(tt.id)
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("Time(%q) = %v, %v, want %v", tt.id, got, err, want)
		}
		bound, err := f.At(want)
		if err != nil || bound > tt.id || len(bound) != len(tt.id) {
			t.Errorf("%s.At(%v) = %q, %v, want one not above %q", f, want, bound, err, tt.id)
		}
		later, err := f.At(want.Add(l(f)))
		if err != nil || later <= tt.id {
			t.Errorf("%s.At just after %v = %q, %v, want one above %q", f, want, later, err, tt.id)
		}
	}
}

func l(f Format) time.Duration { return layouts[f].unit }

func TestAtAndTimeAreInverse(t *testing.T) {
	for f, layout := range layouts {
		for _, s := range []string{"2000-01-01T00:00:00Z", "2020-02-29T23:59:59.999Z", "2037-12-31T00:00:00.001Z"} {
			want := at(t, s)
			id, err := f.At(want)
			if err != nil {
				t.Errorf("%s of %s: %v", f, s, err)
				continue
			}
			got, err := f.Time(id)
			if err != nil || !got.Equal(want.Truncate(layout.unit)) {
				t.Errorf("%s of %s is %s, which is of %v, %v", f, s, id, got, err)
			}
			if detected, err := FormatOf(id); err != nil || detected != f {
				t.Errorf("%s is of the format %s, not %s, %v", id, f, detected, err)
			}
		}
	}
}

func TestTimesThatAFormatCannotHold(t *testing.T) {
	for f := range layouts {
		for _, when := range []time.Time{{}, time.Unix(-1, 0), time.UnixMilli(math.MaxInt64), time.Unix(1<<52, 0), time.UnixMilli(math.MinInt64)} {
			if id, err := f.At(when); err == nil {
				t.Errorf("%s of %v is %q", f, when, id)
			}
		}
	}
	if id, err := AIDX.At(at(t, "1999-12-31T23:59:59.999Z")); err == nil {
		t.Errorf("aidx has %q for a time before 2000", id)
	}
	if _, err := Format("snowflake").At(time.Now()); err == nil {
		t.Error("an unknown format makes ids")
	}
}

func TestWhatIsNotAnID(t *testing.T) {
	for _, id := range []string{
		"", "alice", "@alice@misskey.example", "ATV14VZNXU7G001M", "atv14vznxu7g001", "atv14vznxu7g001mm",
		"01H72HQKW2BNR81VEBZQPSVZWI", "g1a201f9f3f352d5e0c3a8bz", "5b7a271283a513002a4b234C", "atv14vzn\xff7", "例え.テスト日",
		"108217361523124213", strings.Repeat("a", 1<<20),
	} {
		if got, err := Time(id); !errors.Is(err, ErrFormat) || len(err.Error()) > 200 {
			t.Errorf("Time(%.30q) = %v, %.300v", id, got, err)
		}
	}
	if _, err := ULID.Time("atv14vznxu7g001m"); !errors.Is(err, ErrFormat) {
		t.Errorf("an aidx is an ulid: %v", err)
	}
	if _, err := Format("snowflake").Time("atv14vznxu7g001m"); err == nil {
		t.Error("an unknown format reads ids")
	}
}

func FuzzTime(f *testing.F) {
	for _, id := range []string{"9bo5qnp68e", "atv14vznxu7g001m", "01H72HQKW2BNR81VEBZQPSVZWN", "5b7a271283a513002a4b234c", "81a201f9f3f352d5e0c3a8b1", "g1a201f9f3f352d5e0c3a8b1"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		format, err := FormatOf(id)
		if err != nil {
			return
		}
		made, err := format.Time(id)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := format.At(made)
		if err != nil || bound > id {
			t.Errorf("%q is of %v, whose first id is %q, %v", id, made, bound, err)
		}
	})
}
