// Package goruntime says what the Go runtime makes of the variables that it
// reads when a process starts, and how many threads it runs Go code on under a
// CPU limit.
//
// What is encoded here was read in runtime/proc.go, runtime/string.go,
// runtime/mgcpacer.go, runtime/runtime1.go and runtime/cgroup_linux.go of Go
// 1.24.13 and 1.26.8. Tests start real processes and compare, and replay a table
// of 1,035 measurements.
package goruntime

import (
	"math"
	"strconv"
	"strings"
)

// The variables of the environment that the runtime itself reads.
const (
	MaxProcsVar    = "GOMAXPROCS"
	MemoryLimitVar = "GOMEMLIMIT"
	GCPercentVar   = "GOGC"
	DebugVar       = "GODEBUG"
)

// SignSince is the minor release from which on a sign in front of a number
// counts: the runtime's own parser gave way to strconv's.
const SignSince = 26

// NoLimit is the memory limit of a process that has none.
const NoLimit = math.MaxInt64

// MemoryLimit reads GOMEMLIMIT: bytes, NoLimit for "off" and "". Where ok is
// false the process dies before main, with "malformed GOMEMLIMIT". Signed says
// that there is a sign in front, which is malformed too before SignSince.
// Releases before 1.19 do not read the variable.
func MemoryLimit(s string) (limit int64, signed, ok bool) {
	if s == "" || s == "off" {
		return NoLimit, false, true
	}
	digits, unit := s, uint64(1)
	for i, suffix := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if d, found := strings.CutSuffix(s, suffix); found {
			digits, unit = d, 1<<(10*(i+1))
		}
	}
	if unit == 1 {
		digits = strings.TrimSuffix(s, "B")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || uint64(n) > math.MaxInt64/unit {
		return 0, false, false
	}
	return n * int64(unit), digits[0] == '+' || digits[0] == '-', true
}

// MaxProcs reads GOMAXPROCS. Where ok is false the variable is ignored without
// a message. Signed is as for MemoryLimit: before SignSince the value is
// ignored.
func MaxProcs(s string) (n int, signed, ok bool) {
	v, err := strconv.ParseInt(s, 10, 32)
	if err != nil || v <= 0 {
		return 0, false, false
	}
	return int(v), s[0] == '+', true
}

// GCPercent reads GOGC: a negative number for "off". Where ok is false the
// collector works with 100, as if the variable was not set. Signed says that
// there is a plus sign, which is not read before SignSince; a minus always is.
func GCPercent(s string) (percent int, signed, ok bool) {
	if s == "off" {
		return -1, false, true
	}
	v, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 100, false, s == ""
	}
	return int(v), s[0] == '+', true
}

// Setting is one key=value of GODEBUG.
type Setting struct {
	Key, Value string
	Start, End int // bytes of the text, from the key to the end of the value
}

// Debug divides GODEBUG. Of settings with one key the last counts. Parts
// without = are nothing.
func Debug(s string) []Setting {
	var all []Setting
	start := 0
	for field := range strings.SplitSeq(s, ",") {
		if key, value, ok := strings.Cut(field, "="); ok {
			all = append(all, Setting{Key: key, Value: value, Start: start, End: start + len(field)})
		}
		start += len(field) + 1
	}
	return all
}

// DebugNumber returns the number that a variable of the runtime has: that of the
// last setting whose value is a number; ok is false where there is none.
func DebugNumber(settings []Setting, key string) (n int, ok bool) {
	for _, s := range settings {
		if s.Key != key {
			continue
		}
		if v, err := strconv.ParseInt(s.Value, 10, 32); err == nil {
			n, ok = int(v), true
		}
	}
	return n, ok
}

// Unlimited returns the quota of a process that has none, and its number of CPUs
// where it may run on all.
func Unlimited() float64 { return math.Inf(1) }

// Fit is the number of threads that a quota of CPUs has work for: what the
// runtime chooses from Go 1.25 on, rounded up and 2 at the least
// (adjustCgroupGOMAXPROCS in runtime/cgroup_linux.go).
func Fit(quota float64) int {
	if math.IsInf(quota, 1) || quota > math.MaxInt32 {
		return math.MaxInt32
	}
	return max(2, int(math.Ceil(quota)))
}

// DefaultProcs is GOMAXPROCS of a process with cpus CPUs to run on when nobody
// sets it. Aware says that the runtime looks at the quota, which is that of the
// cgroup the process is in: what its parents are limited to it does not see.
func DefaultProcs(cpus int, quota float64, aware bool) int {
	if !aware {
		return cpus
	}
	return min(cpus, Fit(quota))
}

// Headroom is the highest memory limit for the runtime that leaves room under a
// hard limit: nine tenths of it and at least 16 MiB less, eight tenths where the
// collector runs for nothing else (GOGC=off). It is measured: with half of the
// limit live, processes above it were killed in cgroups of 64 MiB to 1 GiB.
func Headroom(hard int64, gcOff bool) int64 {
	if gcOff {
		return hard / 10 * 8
	}
	limit := min(hard/10*9, hard-16<<20)
	if limit < hard/2 {
		return hard / 10 * 8 // of a limit below 32 MiB nothing else would be left
	}
	return limit
}

// FormatLimit writes a memory limit as GOMEMLIMIT has it, rounded down to MiB,
// below that to KiB.
func FormatLimit(n int64) string {
	if n >= 1<<20 {
		return strconv.FormatInt(n>>20, 10) + "MiB"
	}
	return strconv.FormatInt(n>>10, 10) + "KiB"
}
