package cli

import (
	"bytes"
	"io"
	"os"
	"testing"
)

func BenchmarkZZRun(b *testing.B) {
	dir := "/tmp/big13k"
	if d := os.Getenv("ZZDIR"); d != "" {
		dir = d
	}
	for b.Loop() {
		var stderr bytes.Buffer
		env := Env{Args: []string{"--profile", "audit", dir}, Stdout: io.Discard, Stderr: &stderr, Getenv: func(string) string { return "" }}
		if code := Main(env); code > exitFindings {
			b.Fatal(code, stderr.String())
		}
	}
}
