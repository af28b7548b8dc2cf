package service_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/rules/service"
)

// aboutLines are the rules that speak of lines which systemd itself complains
// about when it loads a unit.
var aboutLines = []*rule.Rule{
	service.ExecEnvPrefix,
	service.InlineComment,
	service.LimitIgnoredBySystemd,
	service.RelativeExec,
	service.UnknownDirective,
	service.ValueIgnoredBySystemd,
	service.WrongSection,
}

// check runs rules over files.
func check(t *testing.T, fsys fs.FS, rules []*rule.Rule) []rule.Finding {
	t.Helper()
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return engine.Run(r, engine.Options{Rules: rules, Audit: true}).Findings
}

// assignments are lines that systemd takes, by section of a service.
var assignments = map[string][]string{
	"Unit": {
		"Description=Tide", "After=network.target time-sync.target", "Wants=network-online.target", "Requires=db.service",
		"StartLimitIntervalSec=60", "StartLimitBurst=5", "ConditionPathExists=/etc/tide.conf", "RequiresMountsFor=/srv/tide",
		"Documentation=https://example.com/tide", "DefaultDependencies=no", "JobTimeoutSec=5min", "RefuseManualStop=yes",
	},
	"Service": {
		"Restart=on-failure", "RestartSec=5", "TimeoutStopSec=1min 30s", "CPUQuota=150%", "CPUWeight=200", "MemoryMax=512M",
		"MemoryHigh=80%", "TasksMax=4096", "AllowedCPUs=0-3", "CPUAffinity=0 2", "LimitNOFILE=65536", "LimitNPROC=512:1024",
		"LimitCORE=infinity", "LimitMEMLOCK=64M", "LimitCPU=5min", "Environment=TIDE=high", "Environment=\"A=b c\" D=e",
		"EnvironmentFile=-/etc/default/tide", "PassEnvironment=LANG TZ", "UnsetEnvironment=LANG", "User=tide", "Group=tide",
		"SupplementaryGroups=adm dialout", "WorkingDirectory=/srv/tide", "NoNewPrivileges=yes", "PrivateTmp=true",
		"ProtectSystem=strict", "ProtectHome=read-only", "UMask=0077", "Nice=5", "OOMScoreAdjust=-500", "KillMode=mixed",
		"KillSignal=SIGINT", "WatchdogSec=30s", "StateDirectory=tide", "RuntimeDirectoryMode=0750", "SuccessExitStatus=143 SIGTERM",
		"RestrictNamespaces=yes", "IPAddressDeny=any", "StandardOutput=journal",
		"SyslogIdentifier=tide", "ReadWritePaths=/srv/tide -/srv/cache", "IOWeight=100", "Delegate=cpu memory",
		"ExecStartPre=/bin/true", "ExecReload=-/bin/kill -HUP $MAINPID", "Type=simple", "Slice=tide.slice", "LogLevelMax=info",
	},
	"Install": {"WantedBy=multi-user.target", "Alias=ebb.service", "Also=tide.socket"},
}

// mutate makes mistakes of an assignment: of the key, the value, or both.
func mutate(rng *rand.Rand, line string) string {
	key, value, _ := strings.Cut(line, "=")
	at := rng.IntN(len(key))
	change := []func(){
		func() {},
		func() { value += " # was less" },
		func() { value += " ; was less" },
		func() { key = key[:at] + key[at+1:] },
		func() { key = strings.ToLower(key[:1]) + key[1:] },
		func() { key = key[:at] + strings.ToUpper(key[at:]) },
		func() { value = strings.ToLower(value) },
		func() { value = strings.ToUpper(value) },
		func() { value += "x" },
		func() { value = value[:len(value)-1] },
		func() { value = "" },
		func() { value = strings.ReplaceAll(value, " ", ",") },
		func() { value = "export " + value },
		func() { value = "-1" },
		func() { value = "unlimited" },
		func() { value = "./" + value },
		func() { value = "0.5" },
		func() { key = "" },
	}
	change[rng.IntN(len(change))]()
	return key + "=" + value
}

// generate makes units of lines that are right, mutated, or in a section of
// others. A line for which systemd refuses the unit is the last that it reads.
func generate(units, perUnit int) map[string]string {
	rng := rand.New(rand.NewPCG(5, 257))
	sections := []string{"Unit", "Service", "Install"}
	files := map[string]string{}
	for n := range units {
		var b strings.Builder
		b.WriteString("[Service]\nExecStart=/bin/true\n")
		for i := range perUnit {
			if i%8 == 0 {
				fmt.Fprintf(&b, "[%s]\n", sections[(i/8)%len(sections)])
			}
			of := sections[(i/8)%len(sections)]
			if rng.IntN(6) == 0 {
				of = sections[rng.IntN(len(sections))]
			}
			lines := assignments[of]
			b.WriteString(mutate(rng, lines[rng.IntN(len(lines))]) + "\n")
		}
		b.WriteString("[Service]\nCanary=1\n")
		files[fmt.Sprintf("t%d.service", n)] = b.String()
	}
	return files
}

var complaint = regexp.MustCompile(`(?m)^(/\S+?):(\d+): (.*)$`)

// complaints returns what systemd says of lines, as "t0.service:7" → messages.
func complaints(t *testing.T, files map[string]string) map[string][]string {
	t.Helper()
	bin, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skipf("NOT COMPARED WITH SYSTEMD: there is no systemd-analyze here: %v", err)
	}
	dir := t.TempDir()
	args := []string{"verify", "--man=no"}
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, p)
	}
	slices.Sort(args[2:])
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "LC_ALL=C", "HOME=/root")
	out, _ := cmd.CombinedOutput() // fails where a unit does not load
	said := map[string][]string{}
	for _, m := range complaint.FindAllStringSubmatch(string(out), -1) {
		if name, err := filepath.Rel(dir, m[1]); err == nil {
			said[name+":"+m[2]] = append(said[name+":"+m[2]], m[3])
		}
	}
	return said
}

// TestLinesAgainstSystemd compares the lines of generated units that rules name
// with those that systemd-analyze verify complains about.
func TestLinesAgainstSystemd(t *testing.T) {
	files := generate(60, 24)
	said := complaints(t, files)
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	named, silent := map[string]string{}, map[string]bool{}
	for _, f := range check(t, fsys, aboutLines) {
		place := fmt.Sprintf("%s:%d", f.At.File.Path, f.At.Begin().Line)
		if f.Result == "" {
			silent[place] = true // systemd says nothing, and the finding does not claim that it does
		} else {
			named[place] = f.Rule.ID + ": " + f.Message
		}
	}
	compared, wrong := 0, 0
	for name, text := range files {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			place := fmt.Sprintf("%s:%d", name, i+1)
			messages, ours := said[place], named[place]
			compared++
			if silent[place] && len(messages) == 0 || len(messages) > 0 == (ours != "") {
				if ours != "" {
					wrong++
				}
			} else {
				t.Errorf("%s %s\n\tsystemd %q\n\there    %q", place, line, messages, ours)
			}
			if slices.ContainsFunc(messages, isRefusal) {
				break // systemd reads no further
			}
		}
	}
	if wrong < 300 {
		t.Errorf("only %d lines with mistakes", wrong)
	}
	t.Logf("%d lines compared, %d of them with mistakes", compared, wrong)
}

// isRefusal tells messages after which systemd stops reading the unit.
func isRefusal(message string) bool {
	return !strings.Contains(strings.ToLower(message), "ignoring") && !strings.Contains(message, "CPU affinity")
}

// TestInstalledUnits runs the rules over the units that packages installed on
// this machine, with which nothing is wrong.
func TestInstalledUnits(t *testing.T) {
	root, err := os.OpenRoot("/usr/lib/systemd")
	if err != nil {
		t.Skipf("NOT RUN OVER INSTALLED UNITS: %v", err)
	}
	defer root.Close()
	r, err := repo.Open(repo.Disk(root), repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range engine.Run(r, engine.Options{Rules: service.Rules, Audit: true}).Findings {
		t.Errorf("%s: %s: %s", f.At, f.Rule.ID, f.Message)
	}
	t.Logf("%d unit files and %d drop-ins", len(r.Of(repo.Unit)), len(r.Of(repo.DropIn)))
}
