//go:build ignore

// Std prints which standard packages there are and which of the packages that
// use cgo each of them brings along.
//
//	go run internal/knowledge/gen/std.go >internal/knowledge/data/std.csv
//
// It asks the go command in PATH, so GOTOOLCHAIN=go1.27.2 chooses another Go.
// The closure is that of linux with cgo on; with cgo off nothing is pulled.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sort"
	"strings"
)

func main() {
	version, err := goCommand("env", "GOVERSION")
	check(err)
	out, err := goCommand("list", "-json=ImportPath,Deps", "std")
	check(err)
	var rows []string
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var p struct {
			ImportPath string
			Deps       []string
		}
		check(d.Decode(&p))
		if !internal(p.ImportPath) {
			rows = append(rows, p.ImportPath+","+pulls(p.ImportPath, p.Deps))
		}
	}
	rows = append(rows, "C,runtime/cgo", "unsafe,")
	sort.Strings(rows)
	fmt.Printf("# source: go list -json=ImportPath,Deps std, GOOS=linux CGO_ENABLED=1, %s; written by gen/std.go\n", strings.TrimSpace(version))
	fmt.Println("package,pulls")
	for _, r := range slices.Compact(rows) {
		fmt.Println(r)
	}
}

func pulls(path string, deps []string) string {
	var cgo []string
	for _, p := range []string{"net", "os/user", "plugin", "runtime/cgo"} {
		if p == path || slices.Contains(deps, p) {
			cgo = append(cgo, p)
		}
	}
	return strings.Join(cgo, " ")
}

func internal(path string) bool {
	return strings.HasPrefix(path, "vendor/") || slices.Contains(strings.Split(path, "/"), "internal")
}

func goCommand(args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=1", "GOFLAGS=")
	c.Stderr = os.Stderr
	out, err := c.Output()
	return string(out), err
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
