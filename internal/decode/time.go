package decode

import "time"

// dates has the last date that was decoded: the times of a response are near to
// one another.
type dates struct {
	text [10]byte
	unix int64 // of its midnight
}

// time decodes the string at i. Misskey writes 2006-01-02T15:04:05.000Z; what is
// written otherwise is left to time.Time.
func (d *decoder) time(t *table, p place, i int) (end int, ok bool) {
	const length = len(`"2006-01-02T15:04:05.000Z"`)
	if end := i + length; end <= len(d.data) {
		if at, ok := d.dates.parse((*[length]byte)(d.data[i:end])); ok {
			setTime(p, at)
			return end, true
		}
	}
	text, end := d.str(i)
	return end, d.settle(t, p, i, pointerTo(t, p).(*time.Time).UnmarshalText([]byte(text)))
}

// parse returns the time of a JSON string. ok is false where it is not certain
// that there is one.
func (d *dates) parse(s *[26]byte) (t time.Time, ok bool) {
	if s[0] != '"' || s[11] != 'T' || s[14] != ':' || s[17] != ':' || s[20] != '.' || s[24] != 'Z' || s[25] != '"' {
		return t, false
	}
	hour, minute, second := two(s[12], s[13]), two(s[15], s[16]), two(s[18], s[19])
	milli := two(s[21], s[22])*10 + uint(s[23]-'0')
	if hour > 23 || minute > 59 || second > 59 || s[23]-'0' > 9 || milli > 999 {
		return t, false
	}
	if date := [10]byte(s[1:11]); date != d.text || d.text[0] == 0 {
		year, month, day := two(date[0], date[1])*100+two(date[2], date[3]), two(date[5], date[6]), two(date[8], date[9])
		if date[4] != '-' || date[7] != '-' || year > 9999 || month > 12 || day > 31 {
			return t, false
		}
		midnight := time.Date(int(year), time.Month(month), int(day), 0, 0, 0, 0, time.UTC)
		if midnight.Month() != time.Month(month) || midnight.Day() != int(day) {
			return t, false
		}
		d.text, d.unix = date, midnight.Unix()
	}
	return time.Unix(d.unix+int64(hour*3600+minute*60+second), int64(milli)*1e6).UTC(), true
}

// two returns the number that two digits stand for, or more than 9999 where they
// are none.
func two(a, b byte) uint {
	if a -= '0'; a > 9 {
		return 1 << 20
	}
	if b -= '0'; b > 9 {
		return 1 << 20
	}
	return uint(a)*10 + uint(b)
}
