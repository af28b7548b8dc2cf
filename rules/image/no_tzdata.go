package image

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// NoTZData reports a program that needs time zones in an image without them.
//
// # Why
//
// time.LoadLocation looks for the zones in /usr/share/zoneinfo. alpine, ubuntu,
// busybox and scratch have none, so that every zone but UTC is unknown. With TZ
// set, as in `ENV TZ=Europe/Berlin`, local time is UTC, and nothing is said.
//
// # Fix
//
// Import time/tzdata for its effect, which adds 450 kB, or install the package
// tzdata:
//
//	import _ "time/tzdata"
//
// # When it is not a problem
//
// The rule is silent for a program with time/tzdata or the tag timetzdata, where
// ZONEINFO is set, and where zones are copied into the image. A Compose file or
// Kubernetes manifest of the repository that runs the image may set ZONEINFO, or
// mount the zones, as well. What it sets TZ to beats the Dockerfile.
//
// # Severity
//
//   - warning: in any case; with low confidence where the zone is decided at run
//     time
//
// # References
//
//   - https://pkg.go.dev/time#LoadLocation
//   - https://pkg.go.dev/time/tzdata
var NoTZData = &rule.Rule{
	ID:       "image/no-tzdata",
	Title:    "program needs time zones that its image does not have",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			zones := s.stage.HasZones()
			if !zones.Is(missing) || !s.Binary.Main.Known() || s.given(p.Repo, []string{"ZONEINFO"}, append(buildplan.ZoneFolders(), "/usr/local/go")) {
				continue
			}
			from := zones.Why[len(zones.Why)-1].At
			image := s.stage.Image.Value.Ref.Text
			for _, zone := range s.Binary.Zones() {
				what, name := zone.Name, zone.Name
				if name == "" {
					what, name = "a time zone", "Europe/Berlin"
				}
				p.Report(rule.Finding{
					At:      from,
					Message: fmt.Sprintf("%s has no time zones, but %s loads %s", image, s.Path, what),
					Proof:   fact.Because(zone.Use, s.Binary.Main, zones, s.arrives()),
					Result:  "unknown time zone " + name,
				})
				break // one of them is enough
			}
			if tz := s.stage.Variable("TZ"); tz.Known() && !utc(tz.Value) && !s.Binary.BringsZones() && !s.given(p.Repo, []string{"TZ"}, nil) {
				at := tz.Why[len(tz.Why)-1].At
				p.Report(rule.Finding{
					At:      at,
					Message: fmt.Sprintf("TZ=%s has no effect on %s: %s has no time zones", tz.Value, s.Path, image),
					Proof:   fact.Because(zones, s.arrives(), fact.Note{At: at, Text: "sets TZ"}, tz.AtMost(fact.Medium)),
					Result:  "local time is UTC",
				})
			}
		}
	},
}

func utc(zone string) bool {
	switch strings.TrimPrefix(strings.ToUpper(zone), ":") {
	case "", "UTC", "ETC/UTC", "GMT", "ETC/GMT", "LOCAL":
		return true
	}
	return strings.HasPrefix(zone, "/")
}
