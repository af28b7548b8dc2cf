package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// The limits beyond which a file is refused, or a part of it left unknown.
const (
	maxSize   = 8 << 20 // bytes
	maxDepth  = 500     // collections inside each other
	maxClones = 50_000  // nodes of a file that aliases may repeat
)

// File is a YAML stream.
type File struct {
	Source   *source.File
	Docs     []*Node // the documents that could be read, in order
	Problems []source.Problem
}

// Parse reads all documents of a file. A document that cannot be read becomes
// a problem; the others are returned.
func Parse(f *source.File) *File {
	return ParseText(f, f.Data())
}

// ParseText reads text in place of the contents of f, of which it must have the
// length: templates are parsed with their actions masked.
func ParseText(f *source.File, text []byte) *File {
	file := &File{Source: f}
	if len(text) != len(f.Data()) {
		panic("yamlfile: masked text has another length than its file")
	}
	switch {
	case len(text) > maxSize:
		file.problem(f.Span(0, 0), fmt.Sprintf("larger than %d bytes", maxSize))
		return file
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		file.problem(f.Span(0, 2), "UTF-16 is not read, only UTF-8")
		return file
	}
	start := 0
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	clones := maxClones
	for _, c := range split(text, start) {
		file.document(text, c, &clones)
	}
	return file
}

func (file *File) problem(at source.Span, text string) {
	file.Problems = append(file.Problems, source.Problem{At: at, Text: text})
}

// document reads one document.
func (file *File) document(text []byte, c chunk, clones *int) {
	data := text[c.start:c.end]
	root, err := decode(data)
	if root != nil && len(root.Content) == 1 {
		b := newBuilder(file, text, c, clones)
		file.Docs = append(file.Docs, b.node(root.Content[0], nil, -1, 0))
	}
	if err != nil {
		file.problem(file.badPlace(data, c.start, err), strings.TrimPrefix(trimLine(err.Error()), "yaml: "))
	}
}

// decode reads the one document of data. It can return both: a document that
// is followed by what does not belong to it. Empty data have none.
func decode(data []byte) (root *yaml.Node, err error) {
	defer func() {
		// The library panics with values of its own on some malformed input.
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("yaml: %v", r)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := dec.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return nil, err
	}
	err = dec.Decode(&second)
	switch {
	case errors.Is(err, io.EOF):
		err = nil
	case err == nil:
		err = errors.New("yaml: did not find expected <document start>")
	}
	return &first, err
}

// trimLine removes the line from an error of the library: it is that of the
// surrounding collection, off by one, or missing, depending on the error.
func trimLine(text string) string {
	rest, ok := strings.CutPrefix(text, "yaml: line ")
	if !ok {
		return text
	}
	if _, after, ok := strings.Cut(rest, ": "); ok {
		return after
	}
	return text
}

// badPlace returns the line at which an error appears, without its blanks: the
// last line of the shortest run of lines that gives the same error. Errors do
// not depend on what follows them, so the search may bisect.
func (file *File) badPlace(data []byte, base int, err error) source.Span {
	if i := badByte(data); i >= 0 {
		return file.Source.Span(base+i, base+i+1)
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown anchor '"); ok {
		name = "*" + strings.TrimSuffix(name, "' referenced")
		if i := bytes.Index(data, []byte(name)); i >= 0 {
			return file.Source.Span(base+i, base+i+len(name))
		}
	}
	ends := lineEnds(data)
	n := sort.Search(len(ends), func(n int) bool {
		_, e := decode(data[:ends[n]])
		return e != nil && e.Error() == err.Error()
	})
	if n == len(ends) {
		n-- // the error is of the end
	}
	start := 0
	if n > 0 {
		start = ends[n-1]
	}
	line := data[start:ends[n]]
	left := len(line) - len(bytes.TrimLeft(line, " \t"))
	return file.Source.Span(base+start+left, base+start+max(left, len(bytes.TrimRight(line, " \t\r\n"))))
}

// badByte returns the first byte that no YAML stream can hold, or -1.
func badByte(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1, r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return i
		case r >= 0x80 && r < 0xa0 && r != 0x85, r == 0xfffe, r == 0xffff:
			return i
		}
		i += size
	}
	return -1
}

func lineEnds(data []byte) []int {
	var ends []int
	for i := 0; i < len(data); i++ {
		if data[i] == '\n' {
			ends = append(ends, i+1)
		}
	}
	if n := len(ends); n == 0 || ends[n-1] < len(data) {
		ends = append(ends, len(data))
	}
	return ends
}

// chunk is the text of one document, with its directives and its "---".
type chunk struct{ start, end int }

// split cuts a stream into documents. Lines that start with "---" or "..."
// divide documents wherever they stand, in quotes and block scalars too.
func split(text []byte, start int) []chunk {
	var chunks []chunk
	open, content := start, false // the current chunk, and whether it has a "---" or a value
	for i := start; i < len(text); {
		end := nextLine(text, i)
		switch marker(text[i:end]) {
		case '-':
			if content {
				chunks = append(chunks, chunk{open, i})
				open = i
			}
			content = true
		case '.':
			chunks = append(chunks, chunk{open, end})
			open, content = end, false
		case 0:
			content = content || !prologue(text[i:end])
		}
		i = end
	}
	if open < len(text) {
		chunks = append(chunks, chunk{open, len(text)})
	}
	return chunks
}

// marker returns '-' or '.' for a line that divides documents.
func marker(line []byte) byte {
	for _, m := range []string{"---", "..."} {
		if bytes.HasPrefix(line, []byte(m)) && (len(line) == 3 || blank(line[3]) || breakLen(line, 3) > 0) {
			return m[0]
		}
	}
	return 0
}

// prologue reports whether a line may stand before the "---" of a document.
func prologue(line []byte) bool {
	line = bytes.TrimLeft(line, " \t\r\n")
	return len(line) == 0 || line[0] == '#' || line[0] == '%'
}

// nextLine returns the offset behind the line break at or after i.
func nextLine(text []byte, i int) int {
	for i < len(text) {
		if n := breakLen(text, i); n > 0 {
			return i + n
		}
		i++
	}
	return i
}

func blank(b byte) bool { return b == ' ' || b == '\t' }

// breakLen returns the length of the line break at i, or 0. Like the library,
// and YAML 1.1, it knows CR, NEL, LS and PS besides LF and CRLF.
func breakLen(text []byte, i int) int {
	if i >= len(text) {
		return 0
	}
	switch text[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(text) && text[i+1] == '\n' {
			return 2
		}
		return 1
	case 0xc2:
		if i+1 < len(text) && text[i+1] == 0x85 {
			return 2
		}
	case 0xe2:
		if i+2 < len(text) && text[i+1] == 0x80 && (text[i+2] == 0xa8 || text[i+2] == 0xa9) {
			return 3
		}
	}
	return 0
}
