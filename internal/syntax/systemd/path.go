package systemd

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// pathRule says what a path must be.
type pathRule uint8

const (
	absolutePath pathRule = 1 << iota
	relativePath
	noAPI     // not below /dev, /sys, /proc
	fatalPath // a bad path is an error
)

// simplifyPath removes double and trailing slashes, "." and ".." at the root
// (path_simplify in src/basic/path-util.c).
func simplifyPath(p string) string {
	if p == "" {
		return ""
	}
	absolute := p[0] == '/'
	var parts []string
	for _, part := range strings.Split(p, "/") {
		if part == "" || part == "." || part == ".." && absolute && len(parts) == 0 {
			continue
		}
		parts = append(parts, part)
	}
	out := strings.Join(parts, "/")
	switch {
	case absolute:
		return "/" + out
	case out == "":
		return "."
	}
	return out
}

// isPath is path_is_valid: no component above 255 bytes, all below 4096.
func isPath(p string) bool {
	for _, part := range strings.Split(p, "/") {
		if len(part) > 255 {
			return false
		}
	}
	return p != "" && len(p) < 4096
}

// badPath returns what systemd says of a path, or ""
// (path_simplify_and_warn in src/shared/parse-helpers.c).
func badPath(key, p string, rule pathRule) string {
	ignoring := ", ignoring"
	if rule&fatalPath != 0 {
		ignoring = ""
	}
	if !validUTF8(p) {
		return "String is not UTF-8 clean, ignoring assignment: " + replaceInvalid(p)
	}
	absolute := strings.HasPrefix(p, "/")
	if !absolute && rule&absolutePath != 0 {
		return fmt.Sprintf("%s= path is not absolute%s: %s", key, ignoring, p)
	}
	if absolute && rule&relativePath != 0 {
		return fmt.Sprintf("%s= path is absolute%s: %s", key, ignoring, p)
	}
	p = simplifyPath(p)
	switch {
	case !isPath(p):
		return fmt.Sprintf("%s= path has invalid length (%d bytes)%s.", key, len(p), ignoring)
	case p == "." || strings.Contains("/"+p+"/", "/../"):
		return fmt.Sprintf("%s= path is not normalized%s: %s", key, ignoring, p)
	case rule&noAPI != 0 && isBelow(p, "/dev", "/sys", "/proc"):
		if ignoring == "" {
			ignoring = ", refusing"
		}
		return fmt.Sprintf("%s= path is below API VFS%s: %s", key, ignoring, p)
	}
	return ""
}

// isBelow reports whether p is one of the directories or below it.
func isBelow(p string, dirs ...string) bool {
	for _, dir := range dirs {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// path expands the specifiers of one path and checks it. unresolved is what to
// say if that fails. ok is false where the path is bad or cannot be told.
func (c *checker) path(v *source.Joined, rule pathRule, unresolved string, reject func(text string)) bool {
	out, known, err := c.scope.expand(v, inPath())
	switch {
	case err != nil:
		reject(fmt.Sprintf(unresolved, v.Text, err))
		return false
	case !known:
		c.unknown()
		return false
	}
	text := badPath(c.key, out.Text, rule)
	if text != "" {
		reject(text)
	}
	return text == ""
}

// onePath judges a value that is a path, perhaps with a mark in front.
func (c *checker) onePath(kind string) {
	text, from := c.value.Text, 0
	if text == "" {
		return
	}
	rule, unresolved := absolutePath, inQuotes
	reject := func(text string) { c.ignore("%s", text) }
	switch kind {
	case "unit_condition_path":
		unresolved = withoutOne
		for _, mark := range []byte{'|', '!'} {
			if from < len(text) && text[from] == mark {
				from++
			}
		}
	case "unit_env_file":
		if out, ok := c.expand(inPath(), inQuotes); ok {
			if bad := badPath(c.key, strings.TrimPrefix(out, "-"), absolutePath); bad != "" {
				c.ignore("%s", bad)
			}
		}
		return
	case "working_directory":
		c.workingDirectory()
		return
	case "path_spec":
		unresolved = withoutOne
	case "pid_file":
		c.pidFile()
		return
	case "unit_path_printf":
		if out, known, err := c.scope.expand(c.value, inPath()); err == nil && known && out.Text == "" {
			return // no path after all
		}
		switch c.key {
		case "RootDirectory", "RootImage", "RootVerity":
			rule, unresolved = rule|fatalPath, "Failed to resolve unit specifiers in '%s': %v"
			reject = func(text string) { c.refuse(c.at, "%s", text) }
		}
	}
	c.path(c.value.Slice(from, len(text)), rule, unresolved, reject)
}

func (c *checker) workingDirectory() {
	text, rule := c.value.Text, absolutePath|fatalPath
	unresolved := "Failed to resolve unit specifiers in working directory path '%s': %v"
	reject := func(text string) { c.refuse(c.at, "%s", text) }
	from := 0
	if text[0] == '-' {
		from, rule, unresolved = 1, absolutePath, "Failed to resolve unit specifiers in working directory path '%s', ignoring: %v"
		reject = func(text string) { c.ignore("%s", text) }
	}
	if text[from:] != "~" {
		c.path(c.value.Slice(from, len(text)), rule, unresolved, reject)
	}
}

// pidFile judges PIDFile=, which may be relative to /run. systemd warns of a
// path it ignores and then fails to load the unit.
func (c *checker) pidFile() {
	text, ok := c.expand(inPath(), inQuotes)
	if !ok {
		return
	}
	if !strings.HasPrefix(text, "/") {
		text = "/run/" + text
	}
	if bad := badPath(c.key, text, absolutePath|noAPI); bad != "" {
		c.refuse(c.at, "%s", bad)
		return
	}
	if run, ok := strings.CutPrefix(simplifyPath(text), "/var/run/"); ok {
		c.advise("PIDFile= references a path below legacy directory /var/run/, updating %s → %s; please update the unit file accordingly.",
			simplifyPath(text), "/run/"+run)
	}
}

// stdio judges StandardInput=, StandardOutput= and StandardError=.
func (c *checker) stdio(input bool) {
	text := c.value.Text
	for _, mark := range []string{"file:", "append:", "truncate:"} {
		if strings.HasPrefix(text, mark) && (!input || mark == "file:") {
			unresolved := withoutOne
			if input {
				unresolved = inQuotes
			}
			c.path(c.value.Slice(len(mark), len(text)), absolutePath|fatalPath, unresolved, func(text string) { c.ignore("%s", text) })
			return
		}
	}
	if strings.HasPrefix(text, "fd:") {
		c.fdName(input)
		return
	}
	words, what := "inherit null tty journal kmsg journal+console kmsg+console socket fd file append truncate", "output"
	if input {
		words, what = "null tty tty-force tty-fail socket fd data file", "input"
	} else if text == "syslog" || text == "syslog+console" {
		now := strings.Replace(text, "syslog", "journal", 1)
		c.advise("Standard output type %s is obsolete, automatically updating to %s. Please update your unit file, "+
			"and consider removing the setting altogether.", text, now)
		return
	}
	if !contains(words, text) {
		c.ignore("Failed to parse %s specifier, ignoring: %s", what, text)
	}
}

func (c *checker) fdName(input bool) {
	name := c.value.Slice(len("fd:"), len(c.value.Text))
	out, known, err := c.scope.expand(name, inFD())
	switch {
	case err != nil && input:
		c.ignore(inQuotes, name.Text, err)
	case err != nil:
		c.ignore("Failed to resolve unit specifiers in %s: %v", name.Text, err)
	case !known:
		c.unknown()
	case !isFDName(out.Text):
		c.ignore("Invalid file descriptor name, ignoring: %s", out.Text)
	}
}
