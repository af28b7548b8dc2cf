package systemd

import (
	"math"
	"math/bits"
	"strings"
)

// cInt reads a number at the start of s as strtoull(3) does: blanks, a sign,
// the digits of a base (0: 0x is hexadecimal, a leading 0 octal). n is the
// number of bytes read, 0 where there is no number; over says that it does not
// fit into 64 bits.
func cInt(s string, base uint64) (v uint64, negative, over bool, n int) {
	i := 0
	for i < len(s) && strings.IndexByte(" \t\n\v\f\r", s[i]) >= 0 {
		i++
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	hex := len(s) > i+2 && s[i] == '0' && s[i+1]|0x20 == 'x' && hexDigit(s[i+2]) < 16
	switch {
	case base == 0 && hex:
		base, i = 16, i+2
	case base == 16 && hex:
		i += 2
	case base == 0 && i < len(s) && s[i] == '0':
		base = 8
	case base == 0:
		base = 10
	}
	first := i
	for ; i < len(s) && uint64(hexDigit(s[i])) < base; i++ {
		high, low := bits.Mul64(v, base)
		sum, carry := bits.Add64(low, uint64(hexDigit(s[i])), 0)
		over = over || high != 0 || carry != 0
		v = sum
	}
	if i == first {
		return 0, false, false, 0
	}
	return v, negative, over, i
}

// wholeInt reads s as one number from -low to high, in Python's notation for binary (0b) and octal (0o) too (mangle_base in
// src/basic/parse-util.c). A number that is too large is reported as such even
// where something follows it.
func wholeInt(s string, low, high uint64) (v uint64, negative bool, err error) {
	base := uint64(0)
	s = strings.TrimLeft(s, blanks)
	switch {
	case strings.HasPrefix(s, "0b"), strings.HasPrefix(s, "0B"):
		s, base = s[2:], 2
	case strings.HasPrefix(s, "0o"), strings.HasPrefix(s, "0O"):
		s, base = s[2:], 8
	}
	v, negative, over, n := cInt(s, base)
	switch {
	case over || negative && v > low || !negative && v > high:
		return 0, false, errRange
	case n == 0 || n != len(s):
		return 0, false, errInvalid
	}
	return v, negative, nil
}

// Uint reads an unsigned number not above limit (safe_atou and its kin).
func Uint(s string, limit uint64) (uint64, error) {
	v, negative, err := wholeInt(s, math.MaxUint64, math.MaxUint64)
	if err == nil && (v > limit || negative && v != 0) {
		err = errRange
	}
	if err != nil {
		return 0, err
	}
	return v, nil
}

// Int reads a signed number that fits into the given number of bits (safe_atoi
// and its kin).
func Int(s string, size int) (int64, error) {
	v, negative, err := wholeInt(s, 1<<63, 1<<63-1)
	limit := uint64(1) << (size - 1)
	switch {
	case err != nil:
		return 0, err
	case negative && v <= limit:
		return -int64(v), nil
	case !negative && v < limit:
		return int64(v), nil
	}
	return 0, errRange
}

// Size reads a size: numbers, each with an optional fraction and one of the
// suffixes E P T G M K B, in descending order ("1G 512M"). The base is 1024 or
// 1000, as the directive demands (parse_size in src/basic/parse-util.c).
func Size(s string, base uint64) (uint64, error) {
	const suffixes = "EPTGMKB"
	total, from := uint64(0), 0
	for {
		s = strings.TrimLeft(s, blanks)
		whole, negative, over, n := cInt(s, 10)
		switch {
		case over:
			return 0, errRange
		case n == 0:
			return 0, errInvalid
		case negative:
			return 0, errRange
		}
		s = s[n:]
		fraction, rest, err := fractionOf(s)
		if err != nil {
			return 0, err
		}
		s = strings.TrimLeft(rest, blanks)
		at := len(suffixes) // no suffix
		if s != "" {
			if i := strings.IndexByte(suffixes[min(from, len(suffixes)):], s[0]); i >= 0 {
				at = i + from
				s = s[1:]
			}
		}
		if at < from {
			return 0, errInvalid
		}
		factor := uint64(1)
		for range 6 - min(at, 6) {
			factor *= base
		}
		ceil := whole
		if fraction > 0 {
			ceil++
		}
		if ceil > math.MaxUint64/factor {
			return 0, errRange
		}
		part := whole*factor + uint64(fraction*float64(factor))
		if part > math.MaxUint64-total {
			return 0, errRange
		}
		total, from = total+part, at+1
		if s == "" {
			return total, nil
		}
	}
}

// fractionOf reads the digits behind a point, if s starts with one.
func fractionOf(s string) (float64, string, error) {
	if !strings.HasPrefix(s, ".") {
		return 0, s, nil
	}
	s = s[1:]
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, s, nil
	}
	v, _, over, n := cInt(s, 10)
	if over {
		return 0, s, errRange
	}
	fraction := float64(v)
	for range n {
		fraction /= 10
	}
	return fraction, s[n:], nil
}

// Percent reads a percentage and returns it in parts of 10,000: "50%" with at
// most two decimals, "500‰" with at most one, "5000‱" with none
// (parse_permyriad_unbounded in src/basic/percent-util.c). It may be above
// 10,000.
func Percent(s string) (int64, error) {
	for decimals, sign := range []string{"‱", "‰", "%"} {
		if number, ok := strings.CutSuffix(s, sign); ok {
			return fixedPoint(number, decimals)
		}
	}
	return 0, errInvalid
}

// fixedPoint reads a number with at most so many decimals and returns it
// without its point.
func fixedPoint(s string, decimals int) (int64, error) {
	whole, fraction, point := strings.Cut(s, ".")
	if point && (fraction == "" || len(fraction) > decimals || !onlyOf(fraction, "0123456789")) {
		return 0, errInvalid
	}
	v, err := Int(whole, 32)
	if err != nil {
		return 0, err
	}
	if v < 0 {
		return 0, errRange
	}
	factor := int64(1)
	for i := range decimals {
		q := int64(0)
		if i < len(fraction) {
			q = int64(fraction[i] - '0')
		}
		v, factor = v*10+q, factor*10
	}
	if v > math.MaxInt32 {
		return 0, errRange
	}
	return v, nil
}

// Mode reads the octal mode of a file (parse_mode).
func Mode(s string) (uint64, error) {
	s = strings.TrimLeft(s, blanks)
	v, _, over, n := cInt(s, 8)
	switch {
	case strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-"):
		return 0, errInvalid
	case over:
		return 0, errRange
	case n == 0 || n != len(s):
		return 0, errInvalid
	case v > 0o7777:
		return 0, errRange
	}
	return v, nil
}
