package dockerfile

import (
	"fmt"
	"github.com/goseaworthy/seaworthy/internal/source"
	"testing"
)

func TestTmp(t *testing.T) {
	f := Parse(source.New("Dockerfile", []byte("# syntax=docker/dockerfile:1\nARG B=alpine\nFROM $B AS x\nRUN --mount=type=cache,target=/go \\\n # c\n  go build \\\n\n -o /a\nCOPY <<-'E' <<F /d/\n\tx\nE\nyy\nF\nCMD [\"a\", \"b\\u0041\\n\"]\nFOO x\n")))
	for _, i := range f.Instructions {
		fmt.Printf("%s %q %q\n", i.Cmd, i.At.Text(), i.Args.Text)
		if i.Command != nil {
			fmt.Printf("  %+v\n", i.Command.Shell.Text)
			for k := range i.Command.Exec {
				fmt.Printf("  %q %q\n", i.Command.Exec[k].Text, i.Command.Exec[k].At.Text())
			}
		}
		for _, h := range i.Heredocs {
			fmt.Printf("  H %q %q %q %q %v\n", h.Name, h.At.Text(), h.Body.Text(), h.End.Text(), h.Expand)
		}
	}
	fmt.Println(f.Problems)
}
