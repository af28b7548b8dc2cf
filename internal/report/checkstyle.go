package report

import (
	"encoding/xml"
	"io"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

type checkstyleReport struct {
	XMLName xml.Name          `xml:"checkstyle"`
	Version string            `xml:"version,attr"` // of the format
	Files   []*checkstyleFile `xml:"file"`
}

type checkstyleFile struct {
	Name   string            `xml:"name,attr"`
	Errors []checkstyleError `xml:"error"`
}

type checkstyleError struct {
	Line     int    `xml:"line,attr"`
	Column   int    `xml:"column,attr"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

// Checkstyle writes the XML of Checkstyle's own reports, which Jenkins and
// others read.
func Checkstyle(w io.Writer, r Report) error {
	severity := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Note: "info"}
	doc := checkstyleReport{Version: "4.3"}
	files := map[string]*checkstyleFile{}
	for _, f := range r.shown() {
		path := f.At.File.Path
		if files[path] == nil {
			files[path] = &checkstyleFile{Name: visible(path)}
			doc.Files = append(doc.Files, files[path])
		}
		begin := visiblePlace(f.At).Begin()
		files[path].Errors = append(files[path].Errors, checkstyleError{
			Line:     begin.Line,
			Column:   begin.Column,
			Severity: severity[level(f)],
			Message:  visible(f.Message),
			Source:   "seaworthy." + f.Rule.ID,
		})
	}
	return writeXML(w, doc)
}
