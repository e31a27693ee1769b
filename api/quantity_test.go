package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 859_999_999, time.FixedZone("JST", 9*60*60))

func TestQuantitiesTravelInTheirUnit(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"a time":                 {At(noon), "1795316400859"},
		"a time before 1970":     {At(time.UnixMilli(-1)), "-1"},
		"milliseconds":           {InMilliseconds(time.Hour), "3600000"},
		"milliseconds, rounded":  {InMilliseconds(1500*time.Microsecond + 1), "2"},
		"seconds":                {InSeconds(time.Hour), "3600"},
		"seconds, negative":      {InSeconds(-time.Minute), "-60"},
		"minutes":                {InMinutes(time.Hour), "60"},
		"days":                   {InDays(90 * 24 * time.Hour), "90"},
		"the cutoff at a time":   {CutoffAt(noon), "1795316400"},
		"the cutoff at an age":   {CutoffAge(time.Hour), "-3600"},
		"a value of three":       {Value(At(noon)), "1795316400859"},
		"the absence of a value": {Null[UnixMilli](), "null"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(test.value)
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestQuantitiesComeBack(t *testing.T) {
	type all struct {
		Time    UnixMilli
		Millis  *Milliseconds
		Seconds Seconds
		Minutes Minutes
		Days    Days
		At, Age Cutoff
		Absent  *UnixMilli
		Null    UnixMilli
	}
	var got all
	in := `{"Time": 1795316400859, "Millis": 1.5e3, "Seconds": 3600, "Minutes": -5, "Days": 90.4, "At": 1795316400, "Age": -3600, "Absent": null, "Null": null}`
	if err := json.Unmarshal([]byte(in), &got); err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 11, 22, 3, 0, 0, 859_000_000, time.UTC)
	if got.Time.Time != want || got.Millis.Duration != 1500*time.Millisecond || got.Seconds.Duration != time.Hour ||
		got.Minutes.Duration != -5*time.Minute || got.Days.Duration != 90*24*time.Hour ||
		got.At != CutoffAt(want.Truncate(time.Second)) || got.Age != CutoffAge(time.Hour) || got.Absent != nil || !got.Null.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestQuantitiesRefuseWhatIsNoQuantity(t *testing.T) {
	for in, into := range map[string]any{
		`"2026-11-22T06:38:07.859Z"`: new(UnixMilli),
		`1e300`:                      new(UnixMilli),
		`{}`:                         new(Milliseconds),
		`9223372036854775807`:        new(Days),
		`-9223372036854775808`:       new(Cutoff),
		`true`:                       new(Seconds),
		`[]`:                         new(Minutes),
	} {
		if err := json.Unmarshal([]byte(in), into); err == nil {
			t.Errorf("%T takes %s: %v", into, in, into)
		}
	}
	for name, c := range map[string]Cutoff{
		"both":        {Time: noon, Age: time.Hour},
		"no Time":     {},
		"before 1970": CutoffAt(time.Unix(-5, 0)),
		"less than":   CutoffAge(-time.Hour),
	} {
		if data, err := json.Marshal(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %s, %v", name, data, err)
		}
	}
}

func TestAbsentTimesAreLeftOut(t *testing.T) {
	got, err := json.Marshal(struct {
		Until *UnixMilli          `json:"until,omitempty"`
		At    Nullable[UnixMilli] `json:"at,omitzero"`
	}{})
	if err != nil || string(got) != "{}" {
		t.Errorf("%s, %v", got, err)
	}
}
