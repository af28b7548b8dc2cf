package repo

import (
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"
)

// Bounds of the index: some hundred thousand files.
const (
	maxIndex = 64 << 20  // bytes of the file
	maxNames = 256 << 20 // bytes of all names: version 4 can make many of few
)

// trackedFiles are the names in git's index, sorted.
type trackedFiles []string

// has reports whether p is tracked or, for a folder, holds what is.
func (t trackedFiles) has(p string) bool {
	if _, ok := slices.BinarySearch(t, p); ok {
		return true
	}
	i, _ := slices.BinarySearch(t, p+"/")
	return i < len(t) && strings.HasPrefix(t[i], p+"/")
}

// readIndex reads the names in .git/index (gitformat-index(5), versions 2 to 4).
// It is no library's decoder because the one there is reads all of each entry,
// which takes longer than the walk, and panics on indexes that are made to do
// that. Where there is no index nothing is tracked: a work tree whose .git is a
// file keeps it outside the root. Of a split index the shared part is not read.
func readIndex(fsys fs.FS) trackedFiles {
	text := string(readRegular(fsys, ".git/index", maxIndex))
	if len(text) < 12 || text[:4] != "DIRC" {
		return nil
	}
	for _, hash := range []int{20, 32} { // SHA-1, SHA-256: only one can be read
		if names, ok := indexNames(text, hash); ok {
			slices.Sort(names) // no work for an index that is right
			return names
		}
	}
	return nil
}

// indexNames reads the entries of an index whose hashes have that many bytes.
func indexNames(text string, hash int) (names []string, ok bool) {
	version, count := number32(text[4:]), number32(text[8:])
	pos, total, last := 12, 0, ""
	for range count {
		start, flagsAt := pos, pos+40+hash // times, device, owner, size; the hash
		if flagsAt+4 > len(text) {
			return nil, false
		}
		flags := int(text[flagsAt])<<8 | int(text[flagsAt+1])
		pos = flagsAt + 2
		if flags&0x4000 != 0 {
			pos += 2 // extended flags
		}
		kept := 0
		if version == 4 {
			var cut int
			cut, pos = offset(text, pos)
			if kept = len(last) - cut; cut < 0 || kept < 0 {
				return nil, false
			}
		}
		end := strings.IndexByte(text[pos:], 0)
		if end < 0 || flags&0xfff != min(kept+end, 0xfff) {
			return nil, false
		}
		last = text[pos : pos+end]
		if kept > 0 {
			last = names[len(names)-1][:kept] + last
		}
		names = append(names, last)
		if total += len(last); total > maxNames {
			return nil, false
		}
		pos += end + 1
		if version != 4 {
			pos = min(start+(pos-1-start+8)&^7, len(text)) // one to eight zeros
		}
	}
	return names, version >= 2 && version <= 4
}

func number32(s string) uint32 { return binary.BigEndian.Uint32([]byte(s[:4])) }

// offset reads a number as packs write offsets, and returns where it ends; -1
// for one that does not end or is absurd.
func offset(text string, pos int) (n, end int) {
	for ; pos < len(text) && n < 1<<20; pos++ {
		n = n<<7 | int(text[pos]&0x7f)
		if text[pos]&0x80 == 0 {
			return n, pos + 1
		}
		n++
	}
	return -1, len(text)
}
