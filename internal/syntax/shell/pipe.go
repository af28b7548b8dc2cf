package shell

import (
	"regexp"
	"strings"
)

// filter returns what a command prints that changes what it reads: tr between
// upper and lower case, and sed with plain words, as in
// uname -m | sed s/x86_64/amd64/.
func filter(c *Command, input string) (text string, known bool) {
	words := make([]string, len(c.Words))
	for i, w := range c.Words {
		if !w.Exact() {
			return "", false
		}
		words[i] = w.Text
	}
	switch {
	case len(words) == 3 && words[0] == "tr":
		switch from, to := letters[words[1]], letters[words[2]]; {
		case from == "upper" && to == "lower":
			return asciiLower.Replace(input), true
		case from == "lower" && to == "upper":
			return asciiUpper.Replace(input), true
		}
	case len(words) > 1 && words[0] == "sed":
		return sed(words[1:], input)
	}
	return "", false
}

var letters = map[string]string{
	"[:upper:]": "upper", "A-Z": "upper", "[A-Z]": "upper", "[:lower:]": "lower", "a-z": "lower", "[a-z]": "lower",
}

const lowerCase, upperCase = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

var asciiLower, asciiUpper = caseReplacer(upperCase, lowerCase), caseReplacer(lowerCase, upperCase)

func caseReplacer(from, to string) *strings.Replacer {
	var pairs []string
	for i := range len(from) {
		pairs = append(pairs, from[i:i+1], to[i:i+1])
	}
	return strings.NewReplacer(pairs...)
}

// plainSubstitution is s/WORD/WORD/ without anything that means more than itself.
var plainSubstitution = regexp.MustCompile(`^s([/,|#])([A-Za-z0-9_-]+)([/,|#])([A-Za-z0-9_-]*)([/,|#])(g?)$`)

// sed evaluates scripts of one substitution each, on the lines of its input.
func sed(args []string, input string) (text string, known bool) {
	scripts := args[:1]
	if args[0] == "-e" {
		scripts = nil
		for ; len(args) > 1 && args[0] == "-e"; args = args[2:] {
			scripts = append(scripts, args[1])
		}
	} else {
		args = args[1:]
	}
	if len(args) > 0 {
		return "", false
	}
	lines := strings.SplitAfter(input, "\n")
	for _, script := range scripts {
		m := plainSubstitution.FindStringSubmatch(script)
		if m == nil || m[1] != m[3] || m[1] != m[5] {
			return "", false
		}
		n := 1
		if m[6] == "g" {
			n = -1
		}
		for i := range lines {
			lines[i] = strings.Replace(lines[i], m[2], m[4], n)
		}
	}
	return strings.Join(lines, ""), true
}
