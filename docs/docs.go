// Package docs holds the pages of the rules. They are generated, from the
// comments and fixtures of the rules, by go generate ./docs.
package docs

import (
	"embed"
	"strings"
)

//go:generate go run gen/main.go

//go:embed rules
var pages embed.FS

// Page returns the page of a rule in Markdown, or "" where there is none.
func Page(id string) string {
	page, err := pages.ReadFile("rules/" + id + ".md")
	if err != nil {
		return ""
	}
	_, text, _ := strings.Cut(string(page), "-->\n\n") // for those who look at the file
	return text
}

// Seen returns what people see when the hazard of a rule strikes: the section of
// its page, or "".
func Seen(id string) string {
	_, section, _ := strings.Cut(Page(id), "\n## What you see\n")
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}
