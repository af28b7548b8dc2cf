package source

import "sort"

// Joined is text assembled from pieces of one file: a Dockerfile instruction or
// unit assignment over several lines, a heredoc, a YAML block scalar, a make
// recipe. Every byte of it can be traced back to the file, so that a parser
// which is given Text reports places in the file.
type Joined struct {
	Text   string
	pieces []piece
}

// piece says that Text[at:at+size] stands for from. A verbatim piece is from
// byte by byte; otherwise (an escape, a variable's value) all of it stands for
// all of from.
type piece struct {
	at, size int
	from     Span
	verbatim bool
}

// Append adds the text of s as it stands.
func (j *Joined) Append(s Span) {
	j.add(s.Text(), s, true)
}

// AppendAs adds text in the place of s: what an escape or a reference means, or
// a newline or blank that joins two lines.
func (j *Joined) AppendAs(text string, s Span) {
	j.add(text, s, text == s.Text())
}

// AppendJoined adds other text with its origins.
func (j *Joined) AppendJoined(other *Joined) {
	for _, p := range other.pieces {
		j.add(other.Text[p.at:p.at+p.size], p.from, p.verbatim)
	}
}

func (j *Joined) add(text string, s Span, verbatim bool) {
	if text == "" {
		return
	}
	if n := len(j.pieces); n > 0 && verbatim {
		if last := &j.pieces[n-1]; last.verbatim && last.from.File == s.File && last.from.End == s.Start {
			last.size += len(text)
			last.from.End = s.End
			j.Text += text
			return
		}
	}
	j.pieces = append(j.pieces, piece{at: len(j.Text), size: len(text), from: s, verbatim: verbatim})
	j.Text += text
}

// Span returns the bytes of the file from which Text[start:end] came: from the
// origin of its first byte to the origin of its last. An empty range is the
// empty span at the origin of start.
func (j *Joined) Span(start, end int) Span {
	if len(j.pieces) == 0 {
		return Span{}
	}
	start = min(max(start, 0), len(j.Text))
	end = min(max(end, start), len(j.Text))
	first := j.origin(start)
	if end == start {
		return Span{File: first.File, Start: first.Start, End: first.Start}
	}
	return first.Cover(j.origin(end - 1))
}

// Whole returns the span of the whole text.
func (j *Joined) Whole() Span { return j.Span(0, len(j.Text)) }

// Slice returns the part of the text from start to end, traced as before.
func (j *Joined) Slice(start, end int) *Joined {
	part := &Joined{}
	for _, p := range j.pieces {
		from, to := max(start, p.at), min(end, p.at+p.size)
		if from >= to {
			continue
		}
		s := p.from
		if p.verbatim {
			s = p.from.Sub(from-p.at, to-p.at)
		}
		part.add(j.Text[from:to], s, p.verbatim)
	}
	return part
}

// origin returns where the byte at offset i came from. Behind the last byte it
// is the empty span at the end of the last piece.
func (j *Joined) origin(i int) Span {
	n := sort.Search(len(j.pieces), func(n int) bool { return j.pieces[n].at > i }) - 1
	p := j.pieces[n]
	switch {
	case i >= p.at+p.size:
		return Span{File: p.from.File, Start: p.from.End, End: p.from.End}
	case p.verbatim:
		return Span{File: p.from.File, Start: p.from.Start + i - p.at, End: p.from.Start + i - p.at + 1}
	}
	return p.from
}
