package cli

import (
	"encoding/json"
	"os"
	"testing"
)

func BenchmarkZZTree(b *testing.B) {
	os.RemoveAll("/tmp/big13k")
	writeTree(b, "/tmp/big13k")
	data, _ := json.Marshal(neededFiles2(b, "/tmp/big13k"))
	os.WriteFile("/tmp/big13k.json", data, 0o644)
}

func neededFiles2(b *testing.B, dir string) map[string]int {
	m := map[string]int{}
	for _, n := range neededFiles(b, dir) {
		m[n.name] = n.bytes
	}
	return m
}
