package envfile

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

const byteOrderMark = "\xef\xbb\xbf"

// dockerParser follows parseKeyValueFile of docker/cli's pkg/kvfile.
type dockerParser struct{ scanner }

// maxDockerLine is bufio.MaxScanTokenSize, at which the command gives up.
const maxDockerLine = 64 * 1024

func (p *dockerParser) run() {
	for pos := 0; pos < len(p.data) && p.file.Refused == nil; {
		end := len(p.data)
		next := end
		if i := bytes.IndexByte(p.data[pos:], '\n'); i >= 0 {
			end, next = pos+i, pos+i+1
		}
		if next-pos > maxDockerLine {
			p.refuse(p.span(pos, end), "bufio.Scanner: token too long")
			return
		}
		if end > pos && p.data[end-1] == '\r' {
			end--
		}
		p.line(pos, end)
		pos = next
	}
}

func (p *dockerParser) line(start, end int) {
	if !utf8.Valid(p.data[start:end]) {
		p.refuse(p.span(start, end), "invalid utf8 bytes")
		return
	}
	if start == 0 && bytes.HasPrefix(p.data[:end], []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	}
	line := bytes.TrimLeftFunc(p.data[start:end], unicode.IsSpace)
	start = end - len(line)
	if len(line) == 0 || line[0] == '#' {
		return
	}
	name, _, assigned := bytes.Cut(line, []byte("="))
	switch {
	case len(name) == 0:
		p.refuse(p.span(start, end), fmt.Sprintf("no variable name on line '%s'", line))
	case bytes.ContainsAny(name, " \t"):
		p.refuse(p.span(start, start+len(name)), fmt.Sprintf("variable '%s' contains whitespaces", name))
	case !assigned:
		p.add(start, end, nil, end, end)
	default:
		from := start + len(name) + 1
		value := &source.Joined{}
		value.Append(p.span(from, end))
		p.add(start, start+len(name), value, from, end)
	}
}
