package service

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// PrivilegedPortDenied reports a unit whose program listens on a port below 1024
// as a user who may not.
//
// # Why
//
// Linux lets only processes with CAP_NET_BIND_SERVICE listen on ports below 1024.
// A unit with User= or DynamicUser= has no capabilities unless
// AmbientCapabilities= gives it some; CapabilityBoundingSet= only takes away.
//
// # Fix
//
// Add AmbientCapabilities=CAP_NET_BIND_SERVICE, or listen on a higher port.
//
// # When it is not a problem
//
// The rule is silent where a socket unit opens the port, where the repository
// gives the file the capability with setcap, and for addresses that are not
// written in the call. Containers are not judged: their engines allow all ports.
//
// # References
//
//   - capabilities(7), CAP_NET_BIND_SERVICE
var PrivilegedPortDenied = &rule.Rule{
	ID:       "service/privileged-port-denied",
	Title:    "program may not listen on its port",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "systemd"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind != workload.Unit || !s.Program.Known() || !unprivileged(s) || hasAmbient(s.Unit, "CAP_NET_BIND_SERVICE") || hasSocket(p, s) {
				continue
			}
			if len(setcaps(p.Repo, programFile(s))) > 0 {
				continue
			}
			for _, l := range listens(s.Program.Value) {
				p.Report(rule.Finding{
					At:      l.arg.At,
					Message: fmt.Sprintf("%s listens on port %d, which the user of %s may not", programName(s), l.port, s.Name),
					Proof:   fact.Because(s.Program, s.User, l.proof()),
					Result:  fmt.Sprintf("listen tcp :%d: bind: permission denied", l.port),
					Fixes:   []rule.Fix{ambientFix(s)},
				})
			}
		}
	},
}

func ambientFix(s *workload.Service) rule.Fix {
	return rule.Fix{Title: "Add AmbientCapabilities=CAP_NET_BIND_SERVICE", Safe: true,
		Edits: addSetting(s, "AmbientCapabilities=CAP_NET_BIND_SERVICE")}
}

// unprivileged reports whether a unit runs as another user than root.
func unprivileged(s *workload.Service) bool {
	return s.User.Known() && s.User.Value != "" && s.User.Value != "root" && s.User.Value != "0" && !s.Unit.Scope.User
}

// hasAmbient reports whether a unit has, or may have, an ambient capability.
func hasAmbient(u *systemd.Unit, name string) bool {
	for _, set := range u.All("Service", "AmbientCapabilities") {
		names, inverted, _ := systemd.Capabilities(set.Value)
		if inverted {
			return true
		}
		for _, n := range names {
			if strings.EqualFold(n.Text, name) {
				return true
			}
		}
	}
	return false
}

// hasSocket reports whether a socket unit beside a service starts it, or the
// service asks for sockets.
func hasSocket(p *rule.Pass, s *workload.Service) bool {
	if len(s.Unit.All("Service", "Sockets")) > 0 {
		return true
	}
	name := strings.TrimSuffix(s.Name, ".service")
	for _, u := range units.All.Of(p.Repo) {
		if !strings.HasSuffix(u.Name, ".socket") {
			continue
		}
		if service := u.Last("Socket", "Service"); strings.TrimSuffix(u.Name, ".socket") == name || service != nil && service.Value.Text == s.Name {
			return true
		}
	}
	return false
}

// listen is a call that listens on a port that is written in it.
type listen struct {
	call workload.Call
	arg  goprogram.Arg
	port int
	main bool // in the main package
}

// proof is the way to the call. Outside of the main package a program may never
// come to it.
func (l listen) proof() fact.Proof {
	proof := fact.Proof{Path: l.call.Notes("listens"), Confidence: fact.Medium}
	proof.Path[len(proof.Path)-1] = fact.Note{At: l.arg.At, Text: "listens on port " + strconv.Itoa(l.port)}
	if !l.main {
		proof.Confidence = fact.Low
	}
	return proof
}

// listens returns the calls of a program that listen on a TCP port below 1024.
func listens(program *workload.Program) []listen {
	var all []listen
	note := func(calls []workload.Call, arg func(workload.Call) int) {
		for _, c := range calls {
			i := arg(c)
			if i < 0 || i >= len(c.Args) || !c.Args[i].Known {
				continue
			}
			port, err := strconv.Atoi(c.Args[i].Text[strings.LastIndexByte(c.Args[i].Text, ':')+1:])
			if err == nil && port > 0 && port < 1024 {
				all = append(all, listen{call: c, arg: c.Args[i], port: port, main: len(c.Steps) == 0})
			}
		}
	}
	note(program.Calls("net", "Listen"), func(workload.Call) int { return 1 })
	note(program.Calls("net/http", "ListenAndServe", "ListenAndServeTLS"), func(workload.Call) int { return 0 })
	note(program.Calls("net/http", "Server"), func(c workload.Call) int {
		for i, a := range c.Args {
			if a.Field == "Addr" {
				return i
			}
		}
		return -1
	})
	return all
}
