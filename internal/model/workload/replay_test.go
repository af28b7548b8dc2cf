package workload

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
)

// row is one measurement of testdata/gomaxprocs.csv.
type row map[string]string

// files writes the unit, slice and module of a row; ok is false for what the
// model does not express: programs outside of modules, the v1 hierarchy above
// the leaf, limits that change while the program runs.
func (r row) files() (files map[string]string, ok bool) {
	if r["go_line"] == "none(GOPATH)" || strings.Contains(r["unit_CPUQuota"], "->") || strings.Contains(r["AllowedCPUs"], "->") ||
		strings.Contains(r["environment"], "v1") && (r["slice"] != "" || strings.Contains(r["environment"], "host VM")) {
		return nil, false
	}
	mod := "module example.com/probe\n\n"
	if r["go_line"] != "(absent)" {
		mod += "go " + r["go_line"] + "\n\ntoolchain " + r["toolchain"] + "\n"
	}
	main := "package main\n"
	if g, found := strings.CutPrefix(r["godebug_source"], "go.mod: "); found {
		mod += "\n" + g + "\n"
	} else if strings.HasPrefix(r["godebug_source"], "//go:debug") {
		main = r["godebug_source"] + "\n\n" + main
	} else if strings.HasPrefix(r["godebug_source"], "automaxprocs") {
		main += "\nimport _ \"go.uber.org/automaxprocs\"\n"
	}
	files = map[string]string{"go.mod": mod, "main.go": main + "\nfunc main() {}\n"}
	name := "probe.service"
	unit := "[Service]\nExecStart=/usr/bin/probe\n"
	for _, key := range []string{"CPUQuotaPeriodSec", "AllowedCPUs", "CPUAffinity"} {
		if r[key] != "" {
			unit += key + "=" + r[key] + "\n"
		}
	}
	if q := r["unit_CPUQuota"]; q != "" {
		unit += "CPUQuota=" + q + "\n"
	}
	if d := r["other_directive"]; strings.Contains(d, "=") {
		unit += strings.ReplaceAll(d, "|", "\n") + "\n"
	}
	if v := r["env"]; v != "" {
		// GOMAXPROCS=[ 4] has its value in brackets.
		v = strings.TrimSuffix(strings.Replace(v, "=[", "=", 1), "]")
		unit += "Environment=\"" + v + "\"\n"
	}
	switch s := r["slice"]; {
	case strings.Contains(s, "slice("):
		slice, setting, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
		files[slice] = "[Slice]\n" + setting + "\n"
		unit += "Slice=" + slice + "\n"
	case strings.Contains(s, "DisableControllers"):
		files["nocpu.slice"] = "[Slice]\nDisableControllers=cpu\n"
		unit += "Slice=nocpu.slice\n"
	case strings.HasPrefix(s, "template"):
		files["system-web.slice"] = "[Slice]\nCPUQuota=200%\n"
		name = "web@1.service"
	}
	files[name] = unit
	return files, true
}

func TestReplay(t *testing.T) {
	f, err := os.Open("testdata/gomaxprocs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader := csv.NewReader(f)
	reader.Comment = '#'
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var expressed, unknown, right, measured int
	for i, record := range records[1:] {
		r := row{}
		for j, key := range records[0] {
			r[key] = record[j]
		}
		want, _, _ := strings.Cut(r["GOMAXPROCS"], " ")
		procs, err := strconv.Atoi(want)
		if err != nil {
			continue
		}
		measured++
		files, ok := r.files()
		if !ok {
			continue
		}
		expressed++
		all := Services.Of(open(t, files))
		if len(all) != 1 {
			t.Fatalf("row %d: %d services", i+2, len(all))
		}
		got := all[0].Procs(cpusOfMachine(r["environment"]))
		switch {
		case !got.Known():
			unknown++
			// Only a release that is not known leaves it open.
			if !strings.HasPrefix(r["env"], "GODEBUG=containermaxprocs=1") && !strings.HasPrefix(r["env"], "GOMAXPROCS=[+4]") {
				t.Errorf("row %d: not predicted: %v %v", i+2, r, got.Why)
			}
		case got.Value != procs:
			t.Errorf("row %d: predicted %d: %v", i+2, got.Value, r)
		default:
			right++
		}
	}
	t.Logf("%d of %d rows expressed, %d predicted right, %d left open", expressed, measured, right, unknown)
	if right < 800 {
		t.Errorf("only %d rows are predicted right", right)
	}
}

// cpusOfMachine is the number in front of vCPU or CPUs.
func cpusOfMachine(environment string) int {
	fields := strings.Fields(environment)
	for i, f := range fields {
		if strings.HasPrefix(f, "vCPU") || strings.HasPrefix(f, "CPU") {
			if n, err := strconv.Atoi(fields[i-1]); err == nil {
				return n
			}
		}
	}
	return 0
}
