// Command seaworthy reads a repository and proves across its files what will
// break, weaken or slow a Go program once it ships.
package main

import (
	"os"

	"github.com/goseaworthy/seaworthy/internal/cli"
)

func main() {
	os.Exit(cli.Main(cli.Env{
		Args:   os.Args[1:],
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Getenv: os.Getenv,
	}))
}
