package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// NofileLowered reports LimitNOFILE= of a Go program below what the program
// gets without it.
//
// # What you see
//
// "accept tcp [::]:80: accept4: too many open files" under a load that the
// program stands on a machine where the line is missing.
//
// # Why
//
// The default of systemd is a soft limit of 1024 and a hard limit of 524288
// since version 240. Programs built with Go 1.19 or later raise their soft limit
// to the hard one when they start, newer ones to one below it, so that they have
// 524288 without any line. LimitNOFILE=65536 sets both limits, and so lowers it
// to 65536.
//
// # Fix
//
// Delete the line, or write LimitNOFILE=65536:524288.
//
// # When it is not a problem
//
// Only units whose program is joined with one of the repository are judged. A
// limit above 1024 is not reported where the go line is below 1.19: an older
// toolchain does not raise the limit, and the line is of use. A program that is
// meant to be limited is what an ignore comment is for.
//
// # References
//
// Go 1.19 release notes, os; systemd 240 NEWS. Measured: a program of Go 1.26
// has 524287 by default and 65536 with LimitNOFILE=65536.
var NofileLowered = &rule.Rule{
	ID:       "service/nofile-lowered",
	Title:    "LimitNOFILE= lowers the limit of a Go program",
	Severity: rule.Note,
	Since:    "v0.1.0",
	Tags:     []string{"systemd", "limits"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Unit != nil && s.Program.Known() {
				nofile(p, s)
			}
		}
	},
}

// defaultNofile is the hard limit that systemd gives, and defaultSoft the soft
// one.
const (
	defaultNofile = 524288
	defaultSoft   = 1024
)

func nofile(p *rule.Pass, s *workload.Service) {
	set := s.Unit.Last("Service", "LimitNOFILE")
	if set == nil || set.Verdict.Outcome != systemd.Accepted {
		return
	}
	soft, hard, err := systemd.Rlimit(set.Key, set.Value.Text)
	if err != nil || hard >= defaultNofile {
		return
	}
	raises := raisesNofile(s.Program.Value)
	if soft > defaultSoft && !raises.Known() {
		return
	}
	premises := []fact.Premise{s.Program}
	if raises.Known() {
		premises = append(premises, raises)
	}
	premises = append(premises, fact.Note{At: set.ValueAt, Text: fmt.Sprintf("sets the hard limit to %d", hard)})
	p.Report(rule.Finding{
		At: set.ValueAt,
		Message: fmt.Sprintf("LimitNOFILE=%s lowers the limit of open files of %s, which is %d without it",
			set.Value.Text, programName(s), defaultNofile),
		Proof: fact.Because(premises...),
		Fixes: []rule.Fix{{
			Title: "Keep the hard limit of the system",
			Safe:  true,
			Edits: []source.Edit{{Span: set.ValueAt, New: fmt.Sprintf("%d:%d", soft, defaultNofile)}},
		}},
	})
}

// raisesNofile is known where the go line demands a toolchain with which
// programs raise the limit themselves.
func raisesNofile(p *workload.Program) fact.Fact[bool] {
	if p.Main.Module == nil {
		return fact.Not[bool]()
	}
	version, at, ok := p.Main.Module.GoLine()
	if minor, valid := goprogram.Minor(version); !ok || !valid || minor < 19 {
		return fact.Not[bool]()
	}
	return fact.Of(true, fact.High, fact.Note{At: at, Text: "programs of Go 1.19 and later raise the limit themselves"})
}
