package link

import (
	"strconv"
	"strings"
)

// parseLD reads the words of -ldflags as cmd/link does: the flags of package
// flag, of which the last counts.
func parseLD(words []string) linker {
	var l linker
	for i := 0; i < len(words); i++ {
		word := words[i]
		name, value, hasValue := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(words[i], "-"), "-"), "=")
		if !strings.HasPrefix(words[i], "-") || name == "" {
			l.malformed = true // the linker stops at the first word that is no flag
			return l
		}
		if !hasValue && takesValue(name) {
			if i++; i == len(words) {
				l.malformed = true
				return l
			}
			value = words[i]
		}
		switch name {
		case "linkmode":
			l.mode, l.modeWord = value, word
		case "buildmode":
			l.buildMode = value
		case "I":
			l.interp = value
		case "d":
			l.noDyn = !hasValue || value == "true" || value == "1"
		case "extldflags":
			l.extldflags(value)
		}
	}
	return l
}

// takesValue reports whether a flag of cmd/link has a value that may stand in
// the next word (src/cmd/link/internal/ld/main.go, Go 1.26).
func takesValue(name string) bool {
	switch name {
	case "B", "D", "E", "H", "I", "L", "R", "T", "X", "benchmark", "benchmarkprofile", "buildid", "buildmode",
		"capturehostobjs", "cpuprofile", "debugtextsize", "debugtramp", "extar", "extld", "extldflags", "fipso", "funcalign",
		"importcfg", "installsuffix", "k", "libgcc", "linkmode", "memprofile", "memprofilerate", "o", "pluginpath", "r",
		"randlayout", "strictdups", "tmpdir":
		return true
	}
	return false
}

// extldflags reads the flags for the C linker. A repeated -extldflags replaces
// the one before.
func (l *linker) extldflags(value string) {
	l.static, l.staticPIE, l.staticLibstdcxx = false, false, false
	words, ok := splitQuoted(value)
	l.malformed = l.malformed || !ok
	for _, w := range words {
		switch w {
		case "-static", "--static":
			l.static = true
		case "-static-pie", "--static-pie":
			l.staticPIE = true
		case "-static-libstdc++":
			l.staticLibstdcxx = true
		}
	}
}

// splitQuoted is cmd/internal/quoted.Split; false where a quote does not end.
func splitQuoted(s string) (words []string, ok bool) {
	for {
		s = strings.TrimLeft(s, " \t\n\r")
		if s == "" {
			return words, true
		}
		end, skip := strings.IndexAny(s, " \t\n\r"), 0
		if s[0] == '"' || s[0] == '\'' {
			if end = strings.IndexByte(s[1:], s[0]); end < 0 {
				return words, false
			}
			s, skip = s[1:], 1
		} else if end < 0 {
			end = len(s)
		}
		words = append(words, s[:end])
		s = s[end+skip:]
	}
}

// older reports whether a version such as 2.31 comes before another.
func older(a, b string) bool {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		m, _ := strconv.Atoi(x)
		n, _ := strconv.Atoi(y)
		if m != n {
			return m < n
		}
	}
	return false
}
