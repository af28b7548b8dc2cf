package goprogram

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// sameHead checks that scanHead gives up or reads what go/parser reads, of a
// file as a whole and of its first bytes.
func sameHead(t *testing.T, name string, data []byte) (read bool) {
	t.Helper()
	want, _ := parseAny(name, data, true)
	got, read := scanHead(name, data, true)
	if read && !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, go/parser %+v in\n%s", name, got, want, data)
	}
	for n := range 4 {
		part := data[:len(data)*n/4]
		if got, ok := scanHead(name, part, false); ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v in the first %d bytes, go/parser %+v in\n%s", name, got, len(part), want, data)
		}
	}
	return read
}

// TestScanHead reads the files of the Go distribution, whose tests of compilers
// and tools hold what is rare.
func TestScanHead(t *testing.T) {
	all, read := 0, 0
	for _, dir := range []string{"src", "test"} {
		err := filepath.WalkDir(filepath.Join(build.Default.GOROOT, dir), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") {
				return nil // a distribution may leave out its tests
			}
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			all++
			if sameHead(t, p, data[:min(len(data), 8<<10)]) {
				read++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if all > 1000 && read*10 < all*9 {
		t.Errorf("%d of %d files are left to go/parser", all-read, all)
	}
	for _, head := range hostileHeads {
		sameHead(t, "a.go", []byte(head))
	}
}

var hostileHeads = []string{
	"", "package", "package p", "package _", "package func", "package p;", "package p\x00", "package p\nfunc\x00", "package p\nfunc f\xff",
	"//go:build linux\n//go:build windows\npackage p\n", "// +build a\n//+build b c\n\npackage p\nvar x int\n", "//go:build a &\n// +build b\npackage p\n",
	"/* a */ package p\n/* b */\nimport \"x\"\n", "package /* c */ p\n", "package p /* c\n */ import \"x\"\n", "// \xff\npackage p\n", "\ufeffpackage p\n", "// \ufeff\npackage p\n",
	"// ©\npackage p // ©\nimport \"x\" // ©\nconst c = 1\n", "package p\r\nimport \"x\"\r\n", "package p\nimport \"x\"; import \"y\"\n", "package p\nimport (\"x\"; \"y\")\n",
	"package p\nimport (\n\"x\"\n/* c */ \"y\"\n)\n", "package p\nimport \"C\"\n", "package p\nimport `x`\n", "package p\nimport \"\"\n", "package p\nimport \"a b\"\n", "package p\nimport \"a\\x62\"\n",
	"package p\nimport . \"x\"\nimport _ \"y\"\nimport z \"w\"\nimport func \"v\"\n", "package p\nimport .\n\"x\"\n", "package p\nimport\n\"x\"\n", "package p\nimport \"x\" func f() {}\n",
	"package p\nimport \"x\n\"\n", "package p\nimport (\n", "package p\nimport ()\n", "package p\nimports \"x\"\n", "package p\nfunctional\n", "//line a.go:0\npackage p\n", "/*line a.go:x*/package p\n",
	"package p\nimport \"x\"\n//go:build late\nfunc f() {}\n", "//go:debug a=b\n\npackage p\n//go:debug c=d\n", "#!/bin/go\npackage p\n", "package p\nimport x\"y\"\n", "package p\nimport (\n\"x\"\n", "package p\n}\n",
	"/* open\npackage p\n", "package p\nimport \"x\"\n/* open\n", "//go:build linux\x00\npackage p\n", "package p\nimport \"x\" // c\n\timport \"y\"\nvar\tz int\n",
}

// FuzzScanHead holds the scanner against go/parser.
func FuzzScanHead(f *testing.F) {
	for _, head := range hostileHeads {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameHead(t, "a.go", data) })
}

func BenchmarkParseHead(b *testing.B) {
	data, err := os.ReadFile("graph.go")
	if err != nil {
		b.Fatal(err)
	}
	data = data[:headSize]
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			scanHead("graph.go", data, false)
		}
	})
	b.Run("go/parser", func(b *testing.B) {
		for b.Loop() {
			parseAny("graph.go", data, false)
		}
	})
}
