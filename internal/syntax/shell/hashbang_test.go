package shell

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestHashbangAgainstTheKernel starts scripts and compares why they do not start
// with what HashbangOf reads.
func TestHashbangAgainstTheKernel(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the first line is read as Linux does: nothing was compared with it")
	}
	for text, want := range map[string]error{
		"#!/bin/sh\n":         nil,
		"#! \t/bin/sh \t\n":   nil,
		"#!/bin/sh -e\n":      nil,
		"#!/bin/sh":           nil,
		"#!/bin/sh\r\n":       fs.ErrNotExist,
		"#!/bin/nosuch\n":     fs.ErrNotExist,
		"#!/bin/nosuch -e\n":  fs.ErrNotExist,
		" #!/bin/sh\n":        syscall.ENOEXEC,
		"echo\n":              syscall.ENOEXEC,
		"\ufeff#!/bin/sh\n":   syscall.ENOEXEC,
		"#!\n":                syscall.ENOEXEC,
		"#!/usr/bin/env sh\n": nil,
	} {
		file := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		real := exec.Command(file).Run()
		if !errors.Is(real, want) {
			t.Fatalf("%q: %v, want %v", text, real, want)
		}
		h := HashbangOf([]byte(text))
		_, err := os.Stat(h.Program)
		switch {
		case h.Program == "" && want != syscall.ENOEXEC, h.Program != "" && want == syscall.ENOEXEC:
			t.Errorf("%q has the program %q, really %v", text, h.Program, want)
		case h.Program != "" && (err == nil) != (want == nil):
			t.Errorf("%q has the program %q, really %v", text, h.Program, want)
		case h.Return && want == nil:
			t.Errorf("%q ends with a carriage return, really it starts", text)
		}
	}
}

func TestHashbangOfEnv(t *testing.T) {
	for text, want := range map[string]Hashbang{
		"#!/usr/bin/env bash\n":         {Length: 19, Program: "/usr/bin/env", Name: "bash"},
		"#!/usr/bin/env bash\r\n":       {Length: 20, Program: "/usr/bin/env", Name: "bash\r", Return: true},
		"#!/usr/bin/env -S bash -e\r\n": {Length: 26, Program: "/usr/bin/env", Name: "bash"},
		"#!/usr/bin/env A=1\n":          {Length: 18, Program: "/usr/bin/env"},
		"#!/usr/bin/env -i bash\n":      {Length: 22, Program: "/usr/bin/env"},
		"#!/bin/sh -e\r\n":              {Length: 13, Program: "/bin/sh"},
	} {
		if got := HashbangOf([]byte(text)); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
