//go:build ignore

// Glibc prints the glibc and the newest GLIBCXX symbol version of
// distributions.
//
//	go run internal/knowledge/gen/glibc.go PEP600_COMPLIANCE >internal/knowledge/data/glibc.csv
//
// The argument is a clone of mayeut/pep600_compliance, which reads both from
// the real images (cache/x86_64/*.json of its newest commit).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strings"
)

func main() {
	repo := os.Args[1]
	fmt.Printf("# source: mayeut/pep600_compliance %s cache/x86_64; written by gen/glibc.go\n", strings.TrimSpace(git(repo, "log", "-1", "--format=%h of %cs")))
	fmt.Println("distro,glibc,glibcxx")
	for _, file := range strings.Fields(git(repo, "ls-tree", "--name-only", "HEAD", "cache/x86_64/")) {
		var d struct {
			Glibc   string `json:"glibc_version"`
			Symbols struct{ GLIBCXX []string }
		}
		if err := json.Unmarshal([]byte(git(repo, "show", "HEAD:"+file)), &d); err != nil {
			fmt.Fprintln(os.Stderr, file, err)
			os.Exit(1)
		}
		if n := len(d.Symbols.GLIBCXX); n > 0 && d.Glibc != "" {
			fmt.Printf("%s,%s,%s\n", strings.TrimSuffix(path.Base(file), ".json"), d.Glibc, d.Symbols.GLIBCXX[n-1])
		}
	}
}

func git(dir string, args ...string) string {
	c := exec.Command("git", append([]string{"-C", dir}, args...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, "git", args, err)
		os.Exit(1)
	}
	return string(out)
}
