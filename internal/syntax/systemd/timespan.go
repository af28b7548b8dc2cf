package systemd

import (
	"math"
	"strings"
	"time"
)

// Infinity is the value of "infinity" among time spans, sizes and counts.
const Infinity = math.MaxUint64

// Timespan reads a time span in microseconds: numbers with an optional
// fraction and unit, added up ("1min 30s"). A number without a unit is in
// seconds. "infinity" is Infinity (parse_sec in src/basic/time-util.c).
func Timespan(s string) (uint64, error) {
	return timespan(s, uint64(time.Second/time.Microsecond), time.Microsecond)
}

// timespan reads a time span in parts as long as tick; bare is what a number
// without a unit counts in.
func timespan(s string, bare uint64, tick time.Duration) (uint64, error) {
	s = strings.TrimLeft(s, blanks)
	if rest, ok := strings.CutPrefix(s, "infinity"); ok {
		if strings.TrimLeft(rest, blanks) != "" {
			return 0, errInvalid
		}
		return Infinity, nil
	}
	total, some := uint64(0), false
	for {
		s = strings.TrimLeft(s, blanks)
		if s == "" {
			if !some {
				return 0, errInvalid
			}
			return total, nil
		}
		part, rest, err := timePart(s, bare, tick)
		if err != nil {
			return 0, err
		}
		if part >= Infinity-total {
			return 0, errRange
		}
		total, s, some = total+part, rest, true
	}
}

// timePart reads the first number and unit of s, which starts with no blank.
func timePart(s string, bare uint64, tick time.Duration) (uint64, string, error) {
	if s[0] == '-' {
		return 0, s, errRange
	}
	whole, _, over, n := cInt(s, 10)
	if over || whole > math.MaxInt64 {
		return 0, s, errRange
	}
	rest, decimals := s[n:], ""
	if strings.HasPrefix(rest, ".") {
		end := 1
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		decimals, rest = rest[1:end], rest[end:]
		if decimals == "" {
			return 0, s, errInvalid
		}
	} else if n == 0 {
		return 0, s, errInvalid
	}
	unit, after := timeUnit(strings.TrimLeft(rest, blanks), bare, tick)
	if after == rest && rest != "" {
		return 0, s, errInvalid // 12.34.56
	}
	if whole >= Infinity/unit {
		return 0, s, errRange
	}
	v := whole * unit
	for i := range len(decimals) {
		unit /= 10
		d := uint64(decimals[i]-'0') * unit
		if d >= Infinity-v {
			return 0, s, errRange
		}
		v += d
	}
	return v, after, nil
}

// timeUnit takes a unit from the start of s, which is bare where there is none.
func timeUnit(s string, bare uint64, tick time.Duration) (uint64, string) {
	const day = 24 * time.Hour
	const year = 31557600 * time.Second // 365.25 days
	for _, u := range []struct {
		names  string // longer ones first; "M" is a month, "m" a minute
		length time.Duration
	}{
		{"seconds second sec s", time.Second},
		{"minutes minute min", time.Minute},
		{"months month M", 2629800 * time.Second},
		{"msec ms", time.Millisecond},
		{"m", time.Minute},
		{"hours hour hr h", time.Hour},
		{"days day d", day},
		{"weeks week w", 7 * day},
		{"years year y", year},
		{"usec us μs µs", time.Microsecond},
		{"nsec ns", time.Nanosecond},
	} {
		if u.length < tick {
			continue
		}
		for _, name := range strings.Fields(u.names) {
			if rest, ok := strings.CutPrefix(s, name); ok {
				return uint64(u.length / tick), rest
			}
		}
	}
	return bare, s
}
