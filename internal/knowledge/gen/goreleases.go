//go:build ignore

// Goreleases prints when Go releases came and when their support ended.
//
//	go run internal/knowledge/gen/goreleases.go ENDOFLIFE >internal/knowledge/data/goreleases.csv
//
// The argument is a clone of endoflife-date/endoflife.date; its products/go.md
// at the newest commit is read.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

var field = regexp.MustCompile(`(?m)^ +(?:- )?(releaseCycle|releaseDate|eol|latest): "?([^"\n]+)"?$`)

func main() {
	repo := os.Args[1]
	head := strings.TrimSpace(git(repo, "log", "-1", "--format=%h of %cs"))
	var rows [][]string
	for _, m := range field.FindAllStringSubmatch(git(repo, "show", "HEAD:products/go.md"), -1) {
		at := slices.Index([]string{"releaseCycle", "releaseDate", "eol", "latest"}, m[1])
		if at == 0 {
			rows = append(rows, make([]string, 4))
		}
		if m[2] != "false" {
			rows[len(rows)-1][at] = m[2]
		}
	}
	slices.Reverse(rows)
	fmt.Printf("# source: endoflife-date/endoflife.date %s, products/go.md; written by gen/goreleases.go\n", head)
	fmt.Println("minor,released,eol,newest")
	for _, r := range rows {
		fmt.Println(strings.Join(r, ","))
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
