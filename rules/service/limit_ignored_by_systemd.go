package service

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// LimitIgnoredBySystemd reports a limit on CPU, memory, tasks or other resources
// whose value systemd rejects. The unit loads and starts, without the limit.
//
// # What you see
//
// One line in the journal when the unit is loaded:
//
//	app.service:7: Invalid CPU quota '0.5', ignoring.
//	app.service:8: Invalid memory limit '512m', ignoring: Invalid argument
//
// and the limit that systemctl show prints is infinity.
//
// # Why
//
// systemd has its own grammars, which are not those of Docker, Kubernetes or
// ulimit:
//
//	CPUQuota=           a percentage of one CPU with at most two decimals: 50%, 250%
//	MemoryMax= and kin  numbers with K, M, G, T, P or E (upper case, base 1024), a percentage, infinity
//	TasksMax=           a number, a percentage, infinity
//	Limit…=             soft or soft:hard, soft not above hard; infinity, not unlimited
//	AllowedCPUs=        numbers and ranges: 0-3,6
//
// A value that does not fit is dropped with a warning, and what was assigned
// before, or no limit at all, stays in force. systemd-analyze verify prints the
// same warning and exits with 0.
//
// # Fix
//
// Write the value as systemd reads it: 50% for half a CPU, 512M for 512 MiB.
//
// # Severity
//
// - error: CPU quota, memory, tasks, CPU sets and Limit…=
// - warning: CPUWeight= and CPUShares=, which only matter under contention, and CPUQuotaPeriodSec=
//
// # When it is not a problem
//
// Values with a specifier that only the installed system settles are not
// judged, nor are files that a program fills in before systemd reads them.
//
// # References
//
// systemd.resource-control(5), systemd.exec(5); src/core/load-fragment.c,
// src/basic/percent-util.c, parse-util.c and rlimit-util.c of systemd 257.13.
// Verdicts are compared with systemd-analyze verify in the tests.
var LimitIgnoredBySystemd = &rule.Rule{
	ID:       "service/limit-ignored-by-systemd",
	Title:    "systemd rejects the value of a resource limit",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd", "limits"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			if !isLimit(l) {
				continue
			}
			for _, n := range said(l.Verdict) {
				p.Report(limitFinding(l, n))
			}
		}
	},
}

// isLimit reports whether a line limits a resource.
func isLimit(l *units.Line) bool {
	switch l.Kind() {
	case "cpu_quota", "memory_limit", "tasks_max", "rlimit", "allowed_cpuset", "exec_cpu_affinity", "cg_cpu_weight", "cpu_shares":
		return true
	}
	return l.Key == "CPUQuotaPeriodSec"
}

func limitFinding(l *units.Line, n systemd.Note) rule.Finding {
	f := onLine(l.Whole(), "systemd drops this and keeps what was assigned before, or no limit",
		"%s is ignored by systemd: %s", written(l.Assignment), limitGrammar(l, n))
	f.Result = n.Text
	if l.Verdict.Outcome == systemd.Partial {
		f = onLine(n.At, "systemd drops this range and keeps the others", "%s: the range %s is ignored by systemd", l.Key, n.At.Text())
		f.Result = n.Text
		return f
	}
	switch l.Kind() {
	case "cg_cpu_weight", "cpu_shares", "sec_def_infinity":
		f.Severity = rule.Warning
	}
	if text, safe := limitAsMeant(l); text != "" && accepts(l, text) {
		f.Fixes = []rule.Fix{replaceWith(l.ValueAt, text, safe)}
	}
	return f
}

// limitGrammar says what a value of the kind looks like.
func limitGrammar(l *units.Line, n systemd.Note) string {
	switch l.Kind() {
	case "cpu_quota":
		return "a quota is a percentage of one CPU, as in 50% or 250%"
	case "memory_limit":
		if strings.Contains(n.Text, "out of range") {
			return "the limit is out of range"
		}
		return "a size is a number with K, M, G, T, P or E in upper case"
	case "tasks_max":
		return "it is neither a number of tasks nor a percentage nor infinity"
	case "rlimit":
		if strings.HasPrefix(n.Text, "Soft ") {
			return "the soft limit is above the hard one"
		}
		return "it is neither a limit nor soft:hard nor infinity"
	case "cg_cpu_weight", "cpu_shares":
		return "the weight is out of range or not a number"
	case "allowed_cpuset", "exec_cpu_affinity":
		return "it is not a list of CPU numbers and ranges"
	}
	return "it is not a time span"
}

var (
	foreignSize  = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)[ \t]*([KMGTPEkmgtpe])([iI]?)[bB]?$`)
	foreignQuota = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)[ \t]*(%?)$`)
)

// limitAsMeant returns what the author of a rejected limit most likely meant,
// or "". safe says that nothing else can be meant.
func limitAsMeant(l *units.Line) (text string, safe bool) {
	v := l.Value.Text
	switch l.Kind() {
	case "cpu_quota":
		return quotaAsMeant(v)
	case "memory_limit", "tasks_max":
		if isUnlimited(v) {
			return "infinity", v != "-1"
		}
		if l.Kind() == "memory_limit" {
			return sizeAsMeant(v)
		}
	case "rlimit":
		var parts []string
		safe := true
		for _, part := range strings.Split(v, ":") {
			if isUnlimited(part) {
				safe = safe && part != "-1"
				part = "infinity"
			} else if size, exact := sizeAsMeant(part); size != "" {
				safe = safe && exact
				part = size
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ":"), safe
	}
	return "", false
}

// isUnlimited knows how ulimit, cgroups and the system calls say infinity.
func isUnlimited(s string) bool { return s == "unlimited" || s == "max" || s == "-1" }

// sizeAsMeant reads 512m, 512Mi, 512MiB and 512MB. With MB a million bytes can
// be meant.
func sizeAsMeant(s string) (text string, safe bool) {
	m := foreignSize.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	decimal := m[3] == "" && strings.ContainsAny(s, "bB")
	return m[1] + strings.ToUpper(m[2]), !decimal
}

// quotaAsMeant takes small numbers for CPUs and others for percentages.
func quotaAsMeant(s string) (text string, safe bool) {
	m := foreignQuota.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return "", false
	}
	few := m[2] == "" && v <= 8
	if few {
		v *= 100
	}
	v = math.Round(v*100) / 100
	return strconv.FormatFloat(v, 'f', -1, 64) + "%", m[2] == "%" && strings.HasPrefix(s, strconv.FormatFloat(v, 'f', -1, 64))
}
