package workload

import (
	"math"
	"strconv"
	"strings"
)

// CPUs returns an amount of CPUs in words: "1 CPU", "1.5 CPUs".
func CPUs(n float64) string {
	text := strconv.FormatFloat(math.Round(n*1000)/1000, 'f', -1, 64)
	if text == "1" {
		return "1 CPU"
	}
	return text + " CPUs"
}

// Bytes returns an amount of memory in the largest binary unit that divides it:
// "512 MiB", "1000 bytes".
func Bytes(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for ; n != 0 && n%1024 == 0 && i < len(units)-1; i++ {
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + " " + units[i]
}

// quoted returns a value for a message: in quotes where it could be overlooked.
func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, " \t\n\"") {
		return strconv.Quote(s)
	}
	return s
}
