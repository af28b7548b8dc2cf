package engine

import (
	"bytes"
	"go/scanner"
	"go/token"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

const marker = "seaworthy:ignore"

// syntax says how a format writes comments.
type syntax struct {
	leaders  []string
	trailing bool // a comment may stand behind other text of its line
	joins    bool // a backslash at the end of a line continues it
}

var (
	slashes = syntax{leaders: []string{"//"}, trailing: true}
	hash    = syntax{leaders: []string{"#"}, trailing: true}
	script  = syntax{leaders: []string{"#"}, trailing: true, joins: true}
	unit    = syntax{leaders: []string{"#", ";"}, joins: true}
	lines   = syntax{leaders: []string{"#"}}
)

// syntaxes lists the formats that have comments. A Dockerfile has none behind
// other text: there "#" belongs to the value.
var syntaxes = map[repo.Kind]syntax{
	repo.GoMod: slashes, repo.GoWork: slashes, repo.GoSource: slashes,
	repo.Dockerfile: {leaders: []string{"#"}, joins: true},
	repo.Unit:       unit, repo.DropIn: unit,
	repo.Makefile: script, repo.Script: script,
	repo.Bake:    {leaders: []string{"#", "//"}, trailing: true},
	repo.Compose: hash, repo.Kubernetes: hash, repo.Kustomization: hash,
	repo.HelmChart: hash, repo.HelmValues: hash, repo.HelmTemplate: hash,
	repo.Workflow: hash, repo.Action: hash, repo.GoReleaser: hash, repo.Ko: hash, repo.NFPM: hash,
	repo.ToolVersions: hash, repo.Dockerignore: lines, repo.EnvFile: lines,
	repo.Gitmodules: {leaders: []string{"#", ";"}, trailing: true},
}

// comment is a comment that asks to be silent.
type comment struct {
	at     source.Span // from the marker to the end of the line
	names  []config.Text
	reason string
	until  time.Time
	bad    string // what is wrong with the date
	target int    // the line it speaks of; 0: none
	whole  bool   // target is the first line of one that continues
}

// commentsIn finds the comments of a file, and where its lines begin that are
// continued. It looks at characters only, so that it finds them in files that
// do not parse.
func commentsIn(f *source.File, kind repo.Kind) ([]comment, []int) {
	syn, ok := syntaxes[kind]
	if !ok || path.Ext(f.Path) == ".json" || !bytes.Contains(f.Data(), []byte(marker)) {
		return nil, nil
	}
	l := newLayout(f, syn, kind)
	var found []comment
	for _, at := range markers(f, syn, kind) {
		c := parseComment(at)
		c.target, c.whole = l.target(at)
		found = append(found, c)
	}
	return found, l.first
}

// markers returns the comments from their marker on.
func markers(f *source.File, syn syntax, kind repo.Kind) []source.Span {
	if kind == repo.GoSource {
		return goMarkers(f)
	}
	var found []source.Span
	for n := 1; n <= f.Lines(); n++ {
		line := f.Line(n)
		if i := strings.Index(line.Text(), marker); i >= 0 && isComment(line.Text()[:i], syn) {
			found = append(found, line.Sub(i, line.Len()))
		}
	}
	return found
}

// isComment reports whether before is all that stands before the text of a
// comment: its leader and, where the format allows it, other text.
func isComment(before string, syn syntax) bool {
	before = strings.TrimRight(before, " \t")
	for _, leader := range syn.leaders {
		rest, ok := strings.CutSuffix(before, leader)
		if !ok {
			continue
		}
		if strings.Trim(rest, " \t\ufeff") == "" || syn.trailing && (leader == "//" || strings.TrimRight(rest, " \t") != rest) {
			return true
		}
	}
	return false
}

// goMarkers finds them with the scanner of Go, which knows strings that only
// look like comments.
func goMarkers(f *source.File) []source.Span {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile(f.Path, -1, len(f.Data()))
	s.Init(file, f.Data(), func(token.Position, string) {}, scanner.ScanComments)
	var found []source.Span
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return found
		}
		if tok != token.COMMENT || !strings.HasPrefix(text, "//") {
			continue
		}
		if i := strings.Index(text, marker); i >= 0 && strings.Trim(text[2:i], " \t") == "" {
			start := file.Offset(pos)
			found = append(found, f.Span(start+i, start+len(text)))
		}
	}
}

// layout says which lines are comments and which continue others.
type layout struct {
	file  *source.File
	syn   syntax
	first []int // by line, from 1: the line at which it begins
	next  []int // by line: the first from it on that is no comment
}

var escapeDirective = regexp.MustCompile("(?i)^#[ \t]*escape[ \t]*=[ \t]*`[ \t]*$")

func newLayout(f *source.File, syn syntax, kind repo.Kind) *layout {
	l := &layout{file: f, syn: syn, first: make([]int, f.Lines()+2)}
	escape, begin := `\`, 0
	for n := 1; n <= f.Lines(); n++ {
		text := f.Line(n).Text()
		if kind == repo.Dockerfile && begin == 0 && escapeDirective.MatchString(text) {
			escape = "`"
		}
		l.first[n] = n
		if begin > 0 {
			l.first[n] = begin
		}
		switch {
		case l.isCommentLine(n): // between continued lines it changes nothing
		case syn.joins && strings.HasSuffix(strings.TrimRight(text, " \t"), escape):
			begin = l.first[n]
		default:
			begin = 0
		}
	}
	l.next = make([]int, f.Lines()+2)
	l.next[f.Lines()+1] = f.Lines() + 1
	for n := f.Lines(); n > 0; n-- {
		l.next[n] = n
		if l.isCommentLine(n) {
			l.next[n] = l.next[n+1]
		}
	}
	return l
}

func (l *layout) isCommentLine(n int) bool {
	text := strings.TrimLeft(l.file.Line(n).Text(), " \t\ufeff")
	for _, leader := range l.syn.leaders {
		if strings.HasPrefix(text, leader) {
			return true
		}
	}
	return false
}

// target returns the line that a comment speaks of: its own where other text
// stands before it, else the first behind it that is not a comment, with all
// that continues it, unless the comment stands among continued lines itself.
func (l *layout) target(at source.Span) (line int, whole bool) {
	n := at.Begin().Line
	if !l.isCommentLine(n) {
		return n, false
	}
	inside := l.first[n] != n
	n = l.next[n]
	if n > l.file.Lines() || strings.TrimSpace(l.file.Line(n).Text()) == "" {
		return 0, false
	}
	return n, !inside
}

var (
	ruleNames = regexp.MustCompile(`^[ \t]+([^\s,]+(?:[ \t]*,[ \t]*[^\s,]+)*)`)
	ruleName  = regexp.MustCompile(`[^\s,]+`)
	untilDay  = regexp.MustCompile(`^until=(\S*)`)
)

// parseComment reads "seaworthy:ignore RULE[,RULE] [until=YYYY-MM-DD] reason".
func parseComment(at source.Span) comment {
	c := comment{at: at}
	rest := at.Text()[len(marker):]
	if m := ruleNames.FindStringSubmatchIndex(rest); m != nil {
		for _, i := range ruleName.FindAllStringIndex(rest[:m[3]], -1) {
			name := at.Sub(len(marker)+i[0], len(marker)+i[1])
			c.names = append(c.names, config.Text{Value: name.Text(), At: name})
		}
		rest = rest[m[1]:]
	}
	rest = strings.TrimLeft(rest, " \t-–—:")
	if m := untilDay.FindStringSubmatch(rest); m != nil {
		day, err := time.Parse(time.DateOnly, m[1])
		if err != nil {
			c.bad = "until=" + m[1] + " is not a date such as until=2027-03-01"
		}
		c.until, rest = day, rest[len(m[0]):]
	}
	c.reason = strings.TrimSpace(strings.TrimLeft(rest, " \t-–—:"))
	return c
}
