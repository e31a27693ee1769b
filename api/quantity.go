package api

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Misskey sends points in time and durations as plain numbers, each in a unit of
// its own. The types of this file name the unit. They are structs, so that a
// number, or a quantity in another unit, cannot be converted into one by mistake.

// UnixMilli is a point in time that travels as the number of milliseconds since
// 1970. [At] makes one. What is finer than a millisecond is cut off.
type UnixMilli struct{ time.Time }

// At returns t as a parameter.
func At(t time.Time) UnixMilli { return UnixMilli{t} }

// MarshalJSON returns the number of milliseconds since 1970.
func (t UnixMilli) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, t.UnixMilli(), 10), nil
}

// UnmarshalJSON takes a number of milliseconds since 1970. The time is in UTC.
func (t *UnixMilli) UnmarshalJSON(data []byte) error {
	n, ok, err := number(data)
	if ok {
		t.Time = time.UnixMilli(n).UTC()
	}
	return err
}

// Milliseconds is a duration that travels as a number of milliseconds.
// [InMilliseconds] makes one.
type Milliseconds struct{ time.Duration }

// InMilliseconds returns d as a parameter. It is rounded to the millisecond.
func InMilliseconds(d time.Duration) Milliseconds { return Milliseconds{d} }

// MarshalJSON returns the number of milliseconds.
func (d Milliseconds) MarshalJSON() ([]byte, error) { return inUnits(d.Duration, time.Millisecond) }

// UnmarshalJSON takes a number of milliseconds.
func (d *Milliseconds) UnmarshalJSON(data []byte) error {
	return fromUnits(data, time.Millisecond, &d.Duration)
}

// Seconds is a duration that travels as a number of seconds. [InSeconds] makes
// one.
type Seconds struct{ time.Duration }

// InSeconds returns d as a parameter. It is rounded to the second.
func InSeconds(d time.Duration) Seconds { return Seconds{d} }

// MarshalJSON returns the number of seconds.
func (d Seconds) MarshalJSON() ([]byte, error) { return inUnits(d.Duration, time.Second) }

// UnmarshalJSON takes a number of seconds.
func (d *Seconds) UnmarshalJSON(data []byte) error {
	return fromUnits(data, time.Second, &d.Duration)
}

// Minutes is a duration that travels as a number of minutes. [InMinutes] makes
// one.
type Minutes struct{ time.Duration }

// InMinutes returns d as a parameter. It is rounded to the minute.
func InMinutes(d time.Duration) Minutes { return Minutes{d} }

// MarshalJSON returns the number of minutes.
func (d Minutes) MarshalJSON() ([]byte, error) { return inUnits(d.Duration, time.Minute) }

// UnmarshalJSON takes a number of minutes.
func (d *Minutes) UnmarshalJSON(data []byte) error {
	return fromUnits(data, time.Minute, &d.Duration)
}

// Days is a duration that travels as a number of days of 24 hours. [InDays] makes
// one.
type Days struct{ time.Duration }

const day = 24 * time.Hour

// InDays returns d as a parameter. It is rounded to the day.
func InDays(d time.Duration) Days { return Days{d} }

// MarshalJSON returns the number of days.
func (d Days) MarshalJSON() ([]byte, error) { return inUnits(d.Duration, day) }

// UnmarshalJSON takes a number of days.
func (d *Days) UnmarshalJSON(data []byte) error { return fromUnits(data, day, &d.Duration) }

// A Cutoff selects what is older than a fixed Time or than a certain Age. Exactly
// one of the two is set. [CutoffAt] and [CutoffAge] make one. A time travels as
// the number of seconds since 1970, an age as a negative number of seconds.
// Source: i/update, makeNotesHiddenBefore.
type Cutoff struct {
	Time time.Time
	Age  time.Duration
}

// CutoffAt selects what is from before t.
func CutoffAt(t time.Time) Cutoff { return Cutoff{Time: t} }

// CutoffAge selects what is older than d.
func CutoffAge(d time.Duration) Cutoff { return Cutoff{Age: d} }

// MarshalJSON returns a number of seconds. A Cutoff with both a Time and an Age,
// or with neither, has none.
func (c Cutoff) MarshalJSON() ([]byte, error) {
	age := c.Age.Round(time.Second)
	switch {
	case !c.Time.IsZero() && c.Age != 0:
		return nil, fmt.Errorf("misskey: Cutoff has both Time %v and Age %v", c.Time, c.Age)
	case c.Time.IsZero() && age <= 0:
		return nil, fmt.Errorf("misskey: Cutoff has no Time, and Age %v is less than a second", c.Age)
	case c.Time.IsZero():
		return strconv.AppendInt(nil, -int64(age/time.Second), 10), nil
	case c.Time.Unix() < 0:
		return nil, fmt.Errorf("misskey: Cutoff has a Time before 1970: %v", c.Time)
	}
	return strconv.AppendInt(nil, c.Time.Unix(), 10), nil
}

// UnmarshalJSON takes a number of seconds: since 1970, or, if it is negative, of
// an age. The time is in UTC.
func (c *Cutoff) UnmarshalJSON(data []byte) error {
	n, ok, err := number(data)
	switch {
	case !ok:
		return err
	case n < 0:
		var age time.Duration
		if err := fromUnits(strconv.AppendInt(nil, -n, 10), time.Second, &age); err != nil {
			return err
		}
		*c = Cutoff{Age: age}
	default:
		*c = Cutoff{Time: time.Unix(n, 0).UTC()}
	}
	return nil
}

// number decodes a number, rounded to a whole one; ok is false for null.
func number(data []byte) (n int64, ok bool, err error) {
	if data = trim(data); isNull(data) {
		return 0, false, nil
	}
	if n, err := strconv.ParseInt(string(data), 10, 64); err == nil {
		return n, true, nil
	}
	var f float64
	if err := json.Unmarshal(data, &f); err != nil {
		return 0, false, err
	}
	if f = math.Round(f); !(math.Abs(f) < 1<<63) {
		return 0, false, fmt.Errorf("misskey: the number %s is too large", data)
	}
	return int64(f), true, nil
}

func inUnits(d, unit time.Duration) ([]byte, error) {
	return strconv.AppendInt(nil, int64(d.Round(unit)/unit), 10), nil
}

func fromUnits(data []byte, unit time.Duration, d *time.Duration) error {
	n, ok, err := number(data)
	if !ok {
		return err
	}
	if most := int64(math.MaxInt64 / unit); n > most || n < -most {
		return fmt.Errorf("misskey: a duration of %d times %v is too long", n, unit)
	}
	*d = time.Duration(n) * unit
	return nil
}
