package systemd

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// checkLimit judges what limits CPU, memory, tasks and other resources.
func (c *checker) checkLimit(kind string) bool {
	text := c.value.Text
	switch kind {
	case "cpu_quota":
		if v, err := Percent(text); text != "" && (err != nil || v == 0) {
			c.ignore("Invalid CPU quota '%s', ignoring.", text)
		}
	case "memory_limit":
		c.memory()
	case "tasks_max":
		c.tasks()
	case "rlimit":
		_, _, err := Rlimit(c.key, text)
		if err == errOrder {
			c.ignore("Soft resource limit chosen higher than hard limit, ignoring: %s", text)
		} else {
			c.failed(err)
		}
	case "allowed_cpuset":
		c.cpus(true)
	case "exec_cpu_affinity":
		if text != "numa" {
			c.cpus(true)
		}
	case "numa_mask":
		if text != "all" {
			c.cpus(false)
			if c.verdict.Outcome == Ignored {
				c.ignore("Failed to parse NUMA node mask, ignoring: %s", text)
			}
		}
	case "managed_oom_mem_pressure_limit":
		if v, err := Percent(text); c.managesOOM() && text != "" && (err != nil || v > 10000) {
			c.ignore("Failed to parse memory pressure limit value, ignoring: %s", text)
		}
	default:
		return false
	}
	return true
}

// Amount is a limit as written: a number, or a share of what the machine has.
type Amount struct {
	Value uint64 // bytes or tasks; Infinity: no limit
	// Share is the share of the machine in parts of 10,000 if Relative.
	Share    uint64
	Relative bool
}

// Memory reads MemoryMax= and its kin; it does not say whether the amount is
// one that the directive takes, which Check does. Empty is no limit.
func Memory(s string) (Amount, error) {
	if s == "" || s == "infinity" {
		return Amount{Value: Infinity}, nil
	}
	if v, err := Percent(s); err == nil && v <= 10000 {
		return Amount{Share: uint64(v), Relative: true}, nil
	}
	v, err := Size(s, 1024)
	return Amount{Value: v}, err
}

// Tasks reads TasksMax=. Empty is the manager's default, which this returns as
// an infinite amount.
func Tasks(s string) (Amount, error) {
	if s == "" || s == "infinity" {
		return Amount{Value: Infinity}, nil
	}
	if v, err := Percent(s); err == nil && v <= 10000 {
		return Amount{Share: uint64(v), Relative: true}, nil
	}
	v, err := Uint(s, math.MaxUint64)
	return Amount{Value: v}, err
}

func (c *checker) memory() {
	text := c.value.Text
	v, err := Memory(text)
	if err != nil {
		c.ignore("Invalid memory limit '%s', ignoring: %v", text, err)
		return
	}
	zero := v == Amount{} || v.Relative && v.Share == 0
	if zero && !mayBeZero(c.key) || v.Value == Infinity && text != "" && text != "infinity" {
		c.ignore("Memory limit '%s' out of range, ignoring.", text)
		return
	}
	if c.key == "MemoryLimit" {
		c.advise("Unit uses MemoryLimit=; please use MemoryMax= instead. Support for MemoryLimit= will be removed soon.")
	}
}

// mayBeZero tells the memory directives for which 0 is a limit.
// DefaultStartupMemoryLow= is missing by a slip in systemd's list.
func mayBeZero(key string) bool {
	switch strings.TrimPrefix(key, "Startup") {
	case "MemorySwapMax", "MemoryZSwapMax", "MemoryLow", "DefaultMemoryLow":
		return true
	}
	return key == "MemoryMin" || key == "DefaultMemoryMin"
}

func (c *checker) tasks() {
	text := c.value.Text
	v, err := Tasks(text)
	switch {
	case err != nil:
		c.ignore("Invalid maximum tasks value '%s', ignoring: %v", text, err)
	case text == "" || text == "infinity" || v.Relative:
	case v.Value == 0 || v.Value == Infinity:
		c.ignore("Maximum tasks value '%s' out of range, ignoring.", text)
	}
}

// Rlimit reads the value of a Limit…= directive: soft, or soft:hard. The kind of
// number depends on the key: a size for LimitAS=, a time for LimitCPU= (seconds)
// and LimitRTTIME= (microseconds), a nice level for LimitNICE=, else a count
// (src/basic/rlimit-util.c).
func Rlimit(key, s string) (soft, hard uint64, err error) {
	split := splitter{text: s}
	first, _, err := split.next(":", everySeparator)
	if err != nil {
		return 0, 0, err
	}
	if soft, err = rlimitPart(key, first.text); err != nil {
		return 0, 0, err
	}
	second, more, err := split.next(":", everySeparator)
	switch {
	case err != nil:
		return 0, 0, err
	case split.rest() != "":
		return 0, 0, errInvalid
	case !more:
		return soft, soft, nil
	}
	if hard, err = rlimitPart(key, second.text); err != nil {
		return 0, 0, err
	}
	if soft > hard {
		return 0, 0, errOrder
	}
	return soft, hard, nil
}

func rlimitPart(key, s string) (v uint64, err error) {
	if key == "LimitNICE" {
		return rlimitNice(s)
	}
	if s == "infinity" {
		return Infinity, nil
	}
	switch key {
	case "LimitCPU":
		v, err = Timespan(s)
		if v != Infinity {
			v = (v + 999_999) / 1_000_000
		}
		return v, err
	case "LimitRTTIME":
		return timespan(s, 1, time.Microsecond)
	case "LimitFSIZE", "LimitDATA", "LimitSTACK", "LimitCORE", "LimitRSS", "LimitAS", "LimitMEMLOCK", "LimitMSGQUEUE":
		v, err = Size(s, 1024)
	default:
		v, err = Uint(s, math.MaxUint64)
	}
	if err == nil && v == Infinity {
		err = errRange
	}
	return v, err
}

// rlimitNice maps a nice level to the kernel's 1 to 40, or takes such a number.
func rlimitNice(s string) (uint64, error) {
	sign, number := byte(0), s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, number = s[0], s[1:]
	}
	v, err := Uint(number, math.MaxUint64)
	switch {
	case err != nil:
		return 0, err
	case sign == '+' && v < 20:
		return 20 - v, nil
	case sign == '-' && v <= 20:
		return 20 + v, nil
	case sign == 0 && v <= 40:
		return v, nil
	}
	return 0, errRange
}

// maxCPUs is how many CPUs systemd lets a set have.
const maxCPUs = 8192

// CPUs is a set of CPU numbers below 8192.
type CPUs struct{ set [maxCPUs / 64]uint64 }

// Len returns the number of CPUs in the set.
func (s *CPUs) Len() int {
	n := 0
	for _, word := range s.set {
		n += bits.OnesCount64(word)
	}
	return n
}

// Add adds the CPUs of another set: assignments of cpusets add up.
func (s *CPUs) Add(other *CPUs) {
	for i := range s.set {
		s.set[i] |= other.set[i]
	}
}

// addRange adds the CPUs from low to high.
func (s *CPUs) addRange(low, high uint64) {
	for i := low / 64; i <= high/64; i++ {
		mask := ^uint64(0)
		if i == low/64 {
			mask &= ^uint64(0) << (low % 64)
		}
		if i == high/64 {
			mask &= ^uint64(0) >> (63 - high%64)
		}
		s.set[i] |= mask
	}
}

// CPUSet reads a list of CPUs: numbers and ranges, separated by blanks or commas
// (src/shared/cpu-set-util.c). A range whose end is below its start counts for
// nothing; bad says that there is one.
func CPUSet(s string) (set *CPUs, bad bool, err error) {
	set = &CPUs{}
	split := splitter{text: s}
	for {
		w, ok, err := split.next(blanks+",", unquote)
		if err != nil || !ok {
			return set, bad, err
		}
		low, high, err := cpuRange(w.text)
		if err != nil {
			return nil, bad, err
		}
		switch {
		case low > high:
			bad = true
		case low == math.MaxUint32: // an overflow makes nothing of it
		case high >= maxCPUs:
			return nil, bad, errRange
		default:
			set.addRange(low, high)
		}
	}
}

func cpuRange(s string) (low, high uint64, err error) {
	split := splitter{text: s}
	first, _, err := split.next("-", everySeparator)
	if err != nil {
		return 0, 0, err
	}
	low, err = Uint(first.text, math.MaxUint32)
	switch {
	case err != nil:
		return 0, 0, err
	case split.pos < 0:
		return low, low, nil
	case split.rest() == "":
		return 0, 0, errInvalid
	}
	high, err = Uint(split.rest(), math.MaxUint32)
	return low, high, err
}

// cpus judges a list of CPUs; the parser is the same for all, and calls them
// CPU affinity.
func (c *checker) cpus(specifiers bool) {
	v := c.value
	if specifiers {
		out, known, err := c.scope.expand(v, inText())
		if err != nil {
			c.ignore(inQuotes, v.Text, err)
			return
		}
		if !known {
			c.unknown()
			return
		}
		v = out
	}
	ws, err := words(v, blanks+",", unquote)
	for _, w := range ws {
		if !c.cpuWord(w.Text, w.At) {
			return
		}
	}
	if err != nil {
		c.ignore("Invalid value for %s: %s", c.key, v.Text)
	}
}

func (c *checker) cpuWord(text string, at source.Span) bool {
	low, high, err := cpuRange(text)
	switch {
	case err != nil:
		c.ignore("Failed to parse CPU affinity '%s'", text)
	case low > high:
		c.drop(at, "Range '%s' is invalid, %d > %d, ignoring.", text, low, high)
		return true
	case low == math.MaxUint32: // an overflow makes nothing of it
		return true
	case high >= maxCPUs:
		c.ignore("Cannot add CPU %d to set: %v", min(high, math.MaxUint32-1), errRange)
	default:
		return true
	}
	return false
}

// Signal reads the number or name of a signal, with or without SIG
// (src/basic/signal-util.c).
func Signal(s string) (int, error) {
	if v, err := Int(s, 32); err == nil {
		if v < 1 || v > 64 {
			return 0, errRange
		}
		return int(v), nil
	}
	const first, last = 34, 64 // SIGRTMIN and SIGRTMAX of glibc
	name := strings.TrimPrefix(s, "SIG")
	const names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU " +
		"URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
	if i := slices.Index(strings.Fields(names), name); i >= 0 {
		return i + 1, nil
	}
	base, number := first, ""
	if rest, ok := strings.CutPrefix(name, "RTMIN"); ok && (rest == "" || rest[0] == '+') {
		number = rest
	} else if rest, ok := strings.CutPrefix(name, "RTMAX"); ok && (rest == "" || rest[0] == '-') {
		base, number = last, rest
	} else {
		return 0, errInvalid
	}
	if number == "" {
		return base, nil
	}
	v, err := Int(number, 32)
	if err != nil {
		return 0, err
	}
	if n := int(v) + base; n >= first && n <= last {
		return n, nil
	}
	return 0, errRange
}
