package goruntime

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"
)

// TestHeadroom replays the processes that ran with GOMEMLIMIT under a hard
// limit: none at or below the headroom was killed, and all at or above the limit
// itself were.
func TestHeadroom(t *testing.T) {
	f, err := os.Open("testdata/memlimit.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader := csv.NewReader(f)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	below, above := 0, 0
	for _, row := range rows[1:] {
		hard, err := strconv.ParseInt(row[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		limit, err := strconv.ParseInt(row[2], 10, 64)
		if err != nil {
			continue // without GOMEMLIMIT
		}
		killed := row[7] != "ok"
		switch {
		case limit<<20 <= Headroom(hard<<20, row[1] == "off"):
			below++
			if killed {
				t.Errorf("%v: was killed below the headroom of %s", row, FormatLimit(Headroom(hard<<20, row[1] == "off")))
			}
		case limit >= hard:
			above++
			if !killed {
				t.Errorf("%v: survived above its limit", row)
			}
		}
	}
	if below < 10 || above < 6 {
		t.Errorf("%d rows below the headroom, %d above the limit", below, above)
	}
}

func TestFormatLimit(t *testing.T) {
	for n, want := range map[int64]string{460 << 20: "460MiB", 483183820: "460MiB", 1 << 30: "1024MiB", 100 << 10: "100KiB"} {
		if got := FormatLimit(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
		if _, _, ok := MemoryLimit(FormatLimit(n)); !ok {
			t.Errorf("%s is malformed", FormatLimit(n))
		}
	}
}
