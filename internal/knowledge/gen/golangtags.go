//go:build ignore

// Golangtags prints every tag that the official golang image ever had on
// Linux.
//
//	go run internal/knowledge/gen/golangtags.go OFFICIAL-IMAGES GOLANG >internal/knowledge/data/golang-tags.csv
//
// The arguments are clones, with their whole history, of
// docker-library/official-images (which says what is published: the file
// library/golang at each commit of its main line) and docker-library/golang
// (which holds the Dockerfile of each commit and directory named there).
//
// Columns: go is the release in the newest image of the tag, empty for tip;
// first and last are the dates of the first and last commit that lists the
// tag; live says whether the newest commit still lists it;
// base is the image it is built on; local is 1 where the image sets
// GOTOOLCHAIN=local, gcc where it holds a C compiler; moved lists the
// directories the tag went through, where there was more than one.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

type tag struct {
	name, key, first, last string
	live                   bool
	image                  image
	moved                  []string
}

// image is what a Dockerfile says.
type image struct{ goVersion, base, local, gcc string }

func main() {
	official, golang := os.Args[1], os.Args[2]
	log := git(official, "log", "--first-parent", "--reverse", "--format=%H %cs", "--", "library/golang")
	tags, order := map[string]*tag{}, []string{}
	cache := map[string]image{}
	var newest map[string]string
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		commit, date, _ := strings.Cut(line, " ")
		names, meaning := parse(git(official, "show", commit+":library/golang"))
		newest = meaning
		for _, name := range names {
			key := meaning[name]
			t := tags[name]
			if t == nil {
				t = &tag{name: name, first: date}
				tags[name] = t
				order = append(order, name)
			}
			t.last = date
			if t.key == key {
				continue
			}
			commitID, dir, _ := strings.Cut(key, ":")
			if _, ok := cache[key]; !ok {
				cache[key] = dockerfile(git(golang, "show", commitID+":"+dir+"/Dockerfile"))
			}
			t.key, t.image = key, cache[key]
			if !slices.Contains(t.moved, dir) {
				t.moved = append(t.moved, dir)
			}
		}
	}
	for _, name := range order {
		_, tags[name].live = newest[name]
	}
	head := strings.TrimSpace(git(official, "log", "-1", "--format=%h of %cs"))
	show(head, tags, order)
}

func show(head string, tags map[string]*tag, order []string) {
	fmt.Printf("# source: docker-library/official-images library/golang, %s, and docker-library/golang; written by gen/golangtags.go\n", head)
	fmt.Println("tag,go,first,last,live,base,local,gcc,moved")
	for _, name := range order {
		t := tags[name]
		moved, live := "", "0"
		if len(t.moved) > 1 {
			moved = strings.Join(t.moved, "|")
		}
		if t.live {
			live = "1"
		}
		fmt.Println(strings.Join([]string{name, t.image.goVersion, t.first, t.last, live, t.image.base, t.image.local, t.image.gcc, moved}, ","))
	}
}

var (
	oldLine = regexp.MustCompile(`^([\w.-]+): +git://\S+@([0-9a-f]{40})(?: (\S+))?`)
	field   = regexp.MustCompile(`^([A-Za-z0-9-]+): *(.*)$`)
)

// parse returns the tags of one version of library/golang in order, and for
// each the commit and directory of its Dockerfile as commit:directory.
func parse(text string) (names []string, meaning map[string]string) {
	meaning = map[string]string{}
	var tags []string
	var commit, dir string
	flush := func() {
		for _, t := range tags {
			if !strings.Contains(dir, "windows") && meaning[t] == "" {
				names = append(names, t)
				meaning[t] = commit + ":" + dir
			}
		}
		tags, dir = nil, ""
	}
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		line := s.Text()
		if m := oldLine.FindStringSubmatch(line); m != nil {
			tags, commit, dir = []string{m[1]}, m[2], m[3]
			flush()
			continue
		}
		m := field.FindStringSubmatch(line)
		if m == nil {
			if line == "" {
				flush()
			}
			continue
		}
		switch m[1] {
		case "Tags", "SharedTags":
			tags = append(tags, strings.Split(strings.ReplaceAll(m[2], " ", ""), ",")...)
		case "GitCommit":
			commit = m[2]
		case "Directory":
			dir = m[2]
		}
	}
	flush()
	return names, meaning
}

var (
	from    = regexp.MustCompile(`(?m)^FROM (\S+)`)
	release = regexp.MustCompile(`(?m)^ENV GOLANG_VERSION[ =](\S+)`)
	gcc     = regexp.MustCompile(`(?m)^\s*gcc(\s|$)|install[^\n]*\bgcc\b`)
)

func dockerfile(text string) image {
	var d image
	// The last FROM is the image; the ones before only unpack Go.
	if m := from.FindAllStringSubmatch(text, -1); m != nil {
		d.base = m[len(m)-1][1]
	}
	if m := release.FindStringSubmatch(text); m != nil {
		d.goVersion = m[1]
	}
	// What Alpine images install to build Go is removed again.
	hasGCC := gcc.MatchString(text) && !strings.HasPrefix(d.base, "alpine")
	d.local, d.gcc = bit(strings.Contains(text, "GOTOOLCHAIN")), bit(hasGCC)
	return d
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func git(dir string, args ...string) string {
	c := exec.Command("git", append([]string{"-C", dir}, args...)...)
	c.Env = append(os.Environ(), "TZ=UTC")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, "git", args, err)
		os.Exit(1)
	}
	return string(out)
}
