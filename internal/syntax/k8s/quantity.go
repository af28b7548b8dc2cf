package k8s

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Quantity is an amount of a resource as Kubernetes counts it, in billionths,
// which is the finest it stores. The zero Quantity is 0.
type Quantity struct{ nano *big.Int }

// The errors of ParseQuantity, in the words of apimachinery.
var (
	ErrFormat = errors.New("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
	ErrSuffix = errors.New("unable to parse quantity's suffix")
)

// maxExponent bounds the powers of ten that are computed. Larger ones are
// beyond every machine, smaller ones are rounded up to a billionth.
const maxExponent = 100

// maxQuantity is the longest text that is read, in bytes.
const maxQuantity = 200

// ParseQuantity reads an amount with the grammar, and the leniency, of
// ParseQuantity in k8s.io/apimachinery/pkg/api/resource: "-" and "Mi" are 0.
func ParseQuantity(text string) (Quantity, error) {
	if text == "" || len(text) > maxQuantity {
		return Quantity{}, ErrFormat
	}
	rest := strings.TrimLeft(text, "+-")
	if len(text)-len(rest) > 1 {
		return Quantity{}, ErrFormat
	}
	whole, rest := digits(rest)
	var fraction string
	if after, ok := strings.CutPrefix(rest, "."); ok {
		fraction, rest = digits(after)
	}
	letters := strings.TrimLeft(rest, "eEinumkKMGTP")
	exponent := letters
	if exponent != "" && (exponent[0] == '-' || exponent[0] == '+') {
		exponent = exponent[1:]
	}
	if _, left := digits(exponent); left != "" {
		return Quantity{}, ErrFormat
	}
	scale, ok := suffix(rest)
	if !ok {
		return Quantity{}, ErrSuffix
	}
	value, ok := new(big.Int).SetString("0"+whole+fraction, 10)
	if !ok {
		return Quantity{}, ErrFormat
	}
	amount := new(big.Rat).SetInt(value)
	amount.Mul(amount, scale)
	amount.Mul(amount, power(9-len(fraction)))
	nano := ceil(amount)
	if text[0] == '-' {
		nano.Neg(nano)
	}
	return Quantity{nano}, nil
}

func digits(s string) (number, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return s[:len(s)-len(rest)], rest
}

// suffix returns what a suffix multiplies with.
func suffix(s string) (*big.Rat, bool) {
	if i := strings.Index("numkMGTPE", s); len(s) == 1 && i >= 0 {
		exponent := [...]int{-9, -6, -3, 3, 6, 9, 12, 15, 18}[i]
		return power(exponent), true
	}
	if i := strings.Index("KMGTPE", strings.TrimSuffix(s, "i")); len(s) == 2 && s[1] == 'i' && i >= 0 {
		return new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(10*(i+1)))), true
	}
	if s == "" {
		return power(0), true
	}
	if len(s) > 1 && (s[0] == 'e' || s[0] == 'E') {
		if exponent, err := strconv.ParseInt(s[1:], 10, 64); err == nil {
			return power(int(int32(exponent))), true // apimachinery keeps 32 bits too
		}
	}
	return nil, false
}

// power returns 10 to the exponent.
func power(exponent int) *big.Rat {
	exponent = min(max(exponent, -maxExponent), maxExponent)
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
	if exponent < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), n)
	}
	return new(big.Rat).SetInt(n)
}

// ceil rounds away from zero, as apimachinery does.
func ceil(r *big.Rat) *big.Int {
	q, m := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if m.Sign() != 0 {
		q.Add(q, big.NewInt(int64(r.Sign())))
	}
	return q
}

func (q Quantity) scaled(unit int64) int64 {
	if q.nano == nil {
		return 0
	}
	n := ceil(new(big.Rat).SetFrac(q.nano, big.NewInt(unit)))
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// Milli returns the amount in thousandths, rounded up: the CPU limit that the
// kubelet sets.
func (q Quantity) Milli() int64 { return q.scaled(1_000_000) }

// Value returns the amount in whole units, rounded up: bytes of memory.
func (q Quantity) Value() int64 { return q.scaled(1_000_000_000) }

// Divided returns what the downward API writes for the amount of cpu or memory:
// the amount by the divisor, rounded up. A divisor of 0 is the default, 1. Its
// source is k8s.io/kubernetes/pkg/api/v1/resource/helpers.go.
func (q Quantity) Divided(divisor Quantity, cpu bool) int64 {
	if divisor.nano == nil || divisor.nano.Sign() == 0 {
		divisor = Quantity{big.NewInt(1_000_000_000)}
	}
	n, d := q.Value(), divisor.Value()
	if cpu {
		n, d = q.Milli(), divisor.Milli()
	}
	return int64(math.Ceil(float64(n) / float64(d)))
}
