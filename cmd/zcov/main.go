// scratch: coverage of verdicts
package main

import (
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

var goish = regexp.MustCompile(`\b(go|xx-go|"go"|\$\{?GO\}?) (build|install)\b|\bmake\b|\bmage\b|\btask\b|just |\bgoreleaser\b|build\.sh|go run`)
var img = regexp.MustCompile(`(?im)^\s*FROM .*(golang|/go:|go-toolset|microsoft/go)`)
var gobuild = regexp.MustCompile(`\bgo[0-9.]* (build|install)\b`)

func main() {
	tot := map[string]int{}
	files := map[string]map[string]int{}
	lows := map[string]bool{}
	for _, root := range os.Args[1:] {
		r, err := os.OpenRoot(root)
		if err != nil {
			panic(err)
		}
		rp, err := repo.Open(r.FS(), repo.Options{})
		if err != nil {
			panic(err)
		}
		for _, p := range buildplan.Plans.Of(rp) {
			text := string(p.File.Source.Data())
			var runs strings.Builder
			hasArg := false
			for _, st := range p.File.Stages {
				for _, ins := range st.Instructions {
					if ins.Cmd == "RUN" {
						runs.WriteString(ins.Args.Text + "\n")
						if ins.Command != nil { runs.WriteString(ins.Command.Shell.Text+"\n") }
					}
				}
			}
			_ = hasArg
			_ = dockerfile.File{}
			builder := (img.MatchString(text) && goish.MatchString(runs.String())) || gobuild.MatchString(runs.String())
			known, unknown := 0, 0
			tools, toolsU := 0, 0
			var why []string
			needed := p.Needed()
			for _, st := range needed {
				for _, c := range st.Commands {
					if c.Go == nil {
						continue
					}
					for _, b := range c.Go.Binaries {
						l := b.Link()
						if b.Foreign != "" {
							if l.Known() { tools++ } else { toolsU++ }
							continue
						}
						if l.Known() {
							known++
							if l.Confidence < 2 { lows[root+"/"+p.File.Source.Path] = true }
						} else {
							unknown++
							why = append(why, fmt.Sprintf("%s %s: %v", b.Path, c.Go.At(), l.Value.Missing))
						}
					}
					if v := c.Go.Verb; (v == "build" || v == "install") && len(c.Go.Binaries) == 0 {
						why = append(why, fmt.Sprintf("%s: no binaries (%s)", c.Go.At(), c.Go.At().Text()))
					}
				}
				for _, n := range st.Opaque {
					why = append(why, fmt.Sprintf("  opaque %s %s", n.At, n.Text))
				}
			}
			if !builder && known+unknown == 0 {
				tot["not go"]++
				continue
			}
			class := "nobin"
			switch {
			case known > 0 && unknown == 0:
				class = "known"
			case known > 0:
				class = "partial"
			case unknown > 0:
				class = "unknown"
			case tools+toolsU > 0:
				class = "toolonly"
			}
			tot[class]++
			key := root+"/"+p.File.Source.Path
			if files[key] == nil { files[key] = map[string]int{} }
			files[key][class]++
			if p.Context == nil {
				why = append([]string{"context not known"}, why...)
			}
			fmt.Printf("%s\t%s/%s\t[%s] known %d unknown %d tools %d/%d\n", class, strings.TrimPrefix(root, "/work/eval/"), p.File.Source.Path, p.Call.At.At, known, unknown, tools, tools+toolsU)
			if class != "known" {
				for i, w := range why {
					if i > 12 {
						fmt.Printf("\t\t... %d more\n", len(why)-i)
						break
					}
					fmt.Printf("\t\t%s\n", w)
				}
			}
		}
	}
	ft := map[string]int{}
	for f, m := range files {
		c := ""
		for _, x := range []string{"partial", "unknown", "known", "toolonly", "nobin"} {
			if m[x] > 0 { c = x; break }
		}
		if c == "known" && lows[f] { c = "known-low" }
		ft[c]++
	}
	fmt.Println("FILES", len(files), ft)
	var ks []string
	for k := range tot {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	for _, k := range ks {
		fmt.Printf("TOTAL %s %d\n", k, tot[k])
	}
}
