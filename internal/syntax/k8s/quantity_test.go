package k8s

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestQuantityLikeApimachinery(t *testing.T) {
	data, err := os.ReadFile("testdata/quantity.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		text, err := strconv.Unquote(row[0])
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuantity(text)
		if want := map[string]error{"format": ErrFormat, "suffix": ErrSuffix}[row[1]]; !errors.Is(err, want) {
			t.Errorf("ParseQuantity(%q) fails with %v, want %v", text, err, want)
			continue
		}
		if err != nil {
			continue
		}
		if milli, value := strconv.FormatInt(q.Milli(), 10), strconv.FormatInt(q.Value(), 10); milli != row[2] || value != row[3] {
			t.Errorf("ParseQuantity(%q) = %s thousandths, %s; want %s, %s", text, milli, value, row[2], row[3])
		}
	}
}

func TestDivided(t *testing.T) {
	for _, c := range []struct {
		amount, divisor string
		cpu             bool
		want            int64
	}{
		{"250m", "1", true, 1},
		{"1500m", "1", true, 2},
		{"250m", "1m", true, 250},
		{"512Mi", "1", false, 536870912},
		{"512Mi", "1Mi", false, 512},
		{"512Mi", "0", false, 536870912},
	} {
		q, _ := ParseQuantity(c.amount)
		d, _ := ParseQuantity(c.divisor)
		if got := q.Divided(d, c.cpu); got != c.want {
			t.Errorf("%s by %s = %d, want %d", c.amount, c.divisor, got, c.want)
		}
	}
}

func FuzzQuantity(f *testing.F) {
	f.Add("1.5Gi")
	f.Add("-1e-9999999999")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuantity(text)
		if err == nil && q.Value() > 0 && q.Milli() < q.Value() {
			t.Errorf("%q: %d thousandths, %d", text, q.Milli(), q.Value())
		}
	})
}
