package systemd

import (
	"slices"
	"strings"
)

// changedSince252 names assignments on which systemd 252, the one of Debian 12,
// differs from the table's version. Each was seen to differ with
// systemd-analyze 252.38 and 257.13.
func changedSince252(c oracleCase) bool {
	d, _ := LookUp(c.section, c.key)
	switch {
	case strings.HasPrefix(strings.TrimLeft(c.value, "-+|!"), "/.."):
		return true // "not normalized" until 256 simplifies it away
	}
	switch d.Kind {
	case "exec_directories": // no flags, no check of an empty source
		return strings.Contains(c.value, ":")
	case "exec":
		return strings.HasSuffix(c.value, "/.")
	case "service_type":
		return c.value == "notify-reload"
	case "job_mode":
		return c.value == "restart-dependencies"
	case "emergency_action":
		return strings.Contains("soft-reboot soft-reboot-force kexec kexec-force halt halt-force halt-immediate", c.value)
	case "private_tmp", "private_users", "protect_control_groups": // booleans
		return !isBool(c.value)
	case "pid_file":
		return isBelow(c.value, "/dev", "/proc", "/var/run")
	}
	return false
}

// oracleValues returns values to try a directive with.
func oracleValues(d Directive) []string {
	switch d.Kind {
	case "bool", "tristate", "job_mode_isolate":
		return []string{"yes", "No", "TRUE", "1", "0", "2", "", "off", "y", "oui", "yes # no", "yes yes", "%%"}
	case "sec", "sec_fix_0", "sec_def_infinity", "service_timeout", "service_timeout_abort", "job_timeout_sec",
		"job_running_timeout_sec", "nsec", "managed_oom_mem_pressure_duration_sec":
		return timeValues()
	case "timer":
		if d.Key != "OnCalendar" {
			return append(timeValues(), "%i5s", "%n", "%%", "%Z", "%")
		}
		return []string{"", "%Z"}
	case "unsigned", "int", "long", "tty_size", "exit_status", "exec_nice", "exec_oom_score_adjust", "exec_cpu_sched_prio",
		"exec_io_priority", "cg_weight", "cg_cpu_weight", "cpu_shares", "blockio_weight", "swap_priority":
		return numberValues()
	case "iec_size", "memory_limit", "tasks_max":
		return append(sizeValues(), "50%", "0%", "100%", "100.01%", "101%", "50.5%", "500‰", "5000‱", "50 %", "50.555%", "-5%", "infinity",
			"Infinity", "0x10", "0b11", "18446744073709551615", "18446744073709551616")
	case "cpu_quota":
		return []string{"", "50", "0.5", "50%", "0%", "200%", "33.33%", "33.333%", "50% x", "12.5‰", "12.55‰", "5‱", "1.5‱", "-5%", "+5%",
			".5%", "5.%", "%", "0x10%", "21474836%", "21474837%", "infinity", "50%   ; half", "%%", "%n"}
	case "rlimit":
		return rlimitValues()
	case "mode":
		return []string{"", "0755", "755", "0o755", "888", "+755", "-1", "7777", "10000", "0x1ff", "rwx", " 0644", "u=rwx", "99999999999999999999"}
	case "signal":
		return []string{"", "TERM", "SIGTERM", "term", "SIGterm", "15", "0", "64", "65", "-1", "RTMIN", "RTMIN+1", "RTMIN+30", "RTMIN+31",
			"RTMAX", "SIGRTMAX-30", "RTMAX-31", "RTMAX+1", "RTMIN+", "RTMINX", "STKFLT", "SIGSIGTERM", "IO", "0x0f", "INT HUP"}
	case "allowed_cpuset", "exec_cpu_affinity", "numa_mask":
		return []string{"", "0", "0-3", "0,2", "0 2", "0-1,3", "0-", "-1", "3-1", "0 3-1 2", "a", "0,a", "8191", "8192", "0-8192", "0-99999999999",
			"numa", "all", "0 - 3", "0x1", "\"0 1\"", "0,,1", ",", "0,\"1", "%i", "%Z", "4294967295", "1-2-3", "%%", "07", "0o7", "5-3 8200"}
	}
	if e, ok := enumOf(d.Kind); ok {
		values := append(strings.Fields(e.words), "", "yes", "no", "true", "on", "bogus", "0", "3", "300", "-1")
		for _, w := range strings.Fields(e.words) {
			values = append(values, strings.ToUpper(w), w+" x", w[:len(w)-1])
		}
		return values
	}
	return listValues(d)
}

func timeValues() []string {
	return []string{"", "5", "5s", "5S", "5 s", "5sec", "10seconds", "5 seconds extra", "5min", "5m", "5M", "1min 30s", "1min30s", "500ms", "1h",
		"1hr 5", "1 2", "infinity", " infinity", "infinity x", "Infinity", "0", "-5", "+5", "1.5", "1.5h", ".5", "5.", "5..5", "12.34.56",
		"12.34 .56", "1.5.5s", "3.+1", "5us", "5µs", "5μs", "5ns", "999999ns", "2weeks", "1y", "99999999999999999999", "18446744073709s",
		"18446744073710s", "9223372036854775807us", "1e3", "0x10", "5d ; five", "%%", "1month", "1mon"}
}

func numberValues() []string {
	return []string{"", "0", "1", "5", "-1", "+5", "-0", " 7", "07", "08", "0x10", "0b11", "0o17", "0xg", "0b", "10", "19", "20", "-20", "-21",
		"40", "99", "100", "255", "256", "999", "1000", "1001", "-1000", "-1001", "10000", "10001", "262144", "262145", "2147483647",
		"2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
		"18446744073709551615", "18446744073709551616", "5 6", "5K", "idle", "infinity", "1.5", "five", "%%", "5 # x"}
}

func sizeValues() []string {
	return []string{"", "512", "0", "512M", "1.5G", "1G 512M", "1G512M", "512K", "512B", "512m", "512MB", "512Mi", "512MiB", "1e9", "512 M",
		"1M 1G", "1M 1M", "1 2", "16E", "15E", "15.99E", "1.G", ".5G", "G", "-1", "-0", "+5M", "1T", "1P", "0.5K", "0.0001K", "1.5.5M",
		"512M # x", "512M;", "99999999999999999999999", "1.99999999999999999999999M", "%%"}
}

func rlimitValues() []string {
	return []string{"", "0", "5", "65536", "65536:524288", "65536:1024", "infinity", "infinity:5", "5:infinity", "unlimited", "-1", "+5", "+20",
		"-20", "-21", "40", "41", "1K", "1G:2G", "1K:512", "5:", ":5", "5:6:", "5:6:7", "5s", "5min:10min", "500ms", "1us", "18446744073709551615",
		"18446744073709551614", "50%", "1 : 2", "8M # x", "0x10", "07", "\\5"}
}

// listValues returns values for text and lists.
func listValues(d Directive) []string {
	paths := []string{"", "/a", "a", "./a", "/a/../b", "/..", "/../a", "//a//b/", "/a/.", "-/a", "+/a", "-+/a", "+-/a", "!/a", "|!/a", "| /a",
		"~", "-~", "-a", "/dev/null", "/proc/x", "/a b", "\"/a b\"", "/a /b", "/a b /c", "/a \"b", "/%n", "/%Z", "/%%", "/%", "/%-", "/a:b",
		"/a:/b", "a:b", "a:b:ro", "a:b:rw", "a::ro", "private", "private/x", "../a", "a/../b", "a b", "a /b", "/" + strings.Repeat("x", 256),
		strings.Repeat("/xxxxxxx", 600), "/a\\x20b", "a:b:c:d", ":b", "%t/x", "man:foo(1)", "/var/run/x", "/a # b", "/é"}
	texts := []string{"", "text", "\"quoted\"", "\"open", "a\\xZZ b", "%n %i %p", "%Z", "%", "100%", "%-", "%j%J%I%f%P%N", "; x", "# x",
		"a=b", "=", "export A=1", "A=1 B=2", "A = 1", "1A=1", "A-B=1", "A.B=1", "A=\"x y\" B", "A=%Z B=1", "A=%n", "%n=1", "A", "A \"B", "A=1 \"B",
		"A=\\x41\\x20", "A=\\q", "B=1 A=\\q C=3", "A=\\xff", "A=\\ud800", "A=\\101", "A=\\400", "A=\\U0010ffff", "A=\\u00e9", "'A=1 2'", "A=''",
		"\"\"", "a:b", "_a", "A=$B", "A='x\"y'", "A=1;B=2", "é=1", "A=é"}
	switch d.Kind {
	case "exec":
		if d.Section != "Service" || d.Key == "ExecStart" { // a second one is refused for its own reason
			return nil
		}
		return execValues()
	case "environ", "unset_environ", "pass_environ", "unit_condition_string", "unit_string_printf", "string", "mount_node", "reboot_parameter", "fdname":
		return texts
	case "unit_env_file", "working_directory", "pid_file", "path_spec", "unit_condition_path", "unit_path_printf", "namespace_path_strv",
		"unit_mounts_for", "colon_separated_paths", "unit_path_strv_printf", "temporary_filesystems", "exec_directories":
		return paths
	case "user_group_compat", "user_group_strv_compat":
		return []string{"", "root", "nobody", "app", "www-data", "my.user", "a b", "a:b", "a/b", "0", "1000", "007", "65535", "65534", "4294967295",
			"4294967294", "99999999999", "-1", "-a", ".", "..", "é", "%i", "%p", "%Z", "\"a\"", "\"a", "a\\b", "user@domain", "%%", "+5", "5x"}
	case "exec_input", "exec_output":
		return append(paths, "null", "tty", "journal", "syslog", "syslog+console", "kmsg+console", "inherit", "socket", "fd", "fd:", "fd:x",
			"fd:x:y", "fd:%n", "fd:%Z", "file:/a", "file:a", "file:", "file:/%Z", "append:/a", "append:a/b", "truncate:/a", "data", "tty-force", "Journal", "file")
	case "unit_deps", "obsolete_unit_deps", "service_sockets", "unit_slice":
		return []string{"", "a.service", "a", "a.service b.socket", "a.service b c.target", "a@.service", "a@b.service", "a@b", "%n", "%p.service", "%i",
			"%I.service", "%t.service", "%Z.service", "a%%b.service", "a.slice", "a-b.slice", "\"a.service\"", "a b.service", "é.service", "a\\x2db.service",
			"a.foo", ".service", "a/b.service", "@b.service", "x.socket", "a.service,b.service", strings.Repeat("a", 250) + ".service"}
	}
	return otherLists(d)
}

func otherLists(d Directive) []string {
	switch d.Kind {
	case "capability_set":
		return []string{"", "~", "CAP_NET_BIND_SERVICE", "cap_net_bind_service", "~CAP_SYS_ADMIN CAP_SYS_PTRACE", "NET_BIND_SERVICE", "CAP_FOO", "10", "63",
			"\"CAP_KILL"}
	case "set_status":
		return []string{"", "0", "1 2", "SIGTERM", "TERM 143", "256", "-1", "FOO", "1 FOO 2", "TEMPFAIL", "EXIT_FAILURE", "0x10"}
	case "documentation":
		return []string{"", "man:a(1)", "https://example.com", "http://", "example.com", "file:/a", "file:a", "info:x", "man:a https://b c", "\"open", "%Z", "man:é", "man:%n"}
	case "delegate", "disable_controllers":
		return []string{"", "yes", "no", "cpu", "cpu memory", "cpu,memory", "foo", "cpu foo", "CPU", "\"cpu", "bpf-firewall"}
	case "restrict_namespaces":
		return []string{"", "yes", "no", "net", "~net user", "net foo", "network", "time", "~"}
	case "address_families":
		return []string{"", "none", "AF_INET", "AF_INET AF_INET6 AF_UNIX", "~AF_PACKET", "INET", "AF_INET,AF_INET6", "af_inet", "AF_INET x", "\"AF_INET", "~none"}
	case "in_addr_prefixes":
		return []string{"", "any", "localhost", "link-local", "multicast", "10.0.0.0/8", "10.0.0.1", "10.0.0/8", "10.0.0.0/33", "::1", "fe80::/64", "fe80::1%eth0",
			"::/129", "example.com", "LOCALHOST", "a.localhost", "ANY", "10.0.0.0/", "any 1.2.3.4 x", "010.0.0.1", "1.2.3.4/0x8"}
	case "io_limit", "io_device_weight", "io_device_latency":
		return []string{"", "/dev/sda 5M", "/dev/sda", "5M", "/dev/sda 5m", "/dev/sda 100", "/dev/sda 0", "/dev/sda infinity", "/dev/sda 10001", "/dev/sda 25ms",
			"sda 5M", "\"/dev/sd a\" 5", "\"open", "/%Z 5", "/a/../b 5", "/dev/sda x"}
	case "exec_coredump_filter":
		return []string{"", "default", "all", "private-anonymous elf-headers", "33", "0x33", "xyz", "-1", "default zz", "99999999999999999"}
	case "exec_secure_bits":
		return []string{"", "keep-caps", "noroot noroot-locked", "foo"}
	case "restrict_network_interfaces":
		return []string{"", "eth0", "~eth0", "eth0 wlan0", "12", "a/b", "all", strings.Repeat("x", 128), "é", "a:b", "\"open", "a%b"}
	}
	if slices.Contains([]string{"NULL", "warn_compat"}, d.Kind) {
		return []string{"x"}
	}
	return nil
}

func execValues() []string {
	return []string{"", "/bin/true", "true", "./true", "bin/true", "/bin/true a b", "-/bin/true", "@/bin/true", "@/bin/true argv0", "+/bin/true", "!/bin/true",
		"!!/bin/true", "-@:!!/bin/true x", "!!!/bin/true", "+!/bin/true", "--/bin/true", "- /bin/true", "-", "@", ":", "/bin/", "/bin/.", "-/bin/",
		"~/bin/x", "$HOME/bin/x", "-./x", "/bin/true \"open", "-/bin/true \"open", "\"/bin/true\"", "\"/bin/tr ue\"", "'/bin/true' 'a b'", "\"open",
		"/bin/true \\q", "/bin/true '\\q'", "/bin/true \\x41", "/bin\\x2ftrue", "/bin/\\q", "/bin/true %n", "/bin/true %Z", "-/bin/true %Z", "/%Z", "-/%Z", "/bin/%p",
		"%%", "/bin/true ; /bin/false", "/bin/true ;", "; /bin/true", "/bin/true ; ; /bin/false", "/bin/true \\; x", "/bin/true ;x", "/bin/true && x | y > z",
		"/bin/true ; ./x", "/bin/true ; -./x", "/bin/true ; \"open", "/bin/tr\x01ue", "/bin/true \x01", ";", "/bin/true # c", "\"\"", "-\"\"", "/bin/true \"\"", "/..", "..", "é", "/é",
		"/" + strings.Repeat("x", 256), strings.Repeat("x", 256), "/bin/true ${A} $B $$ $(id)", "@/bin/true ;", "@/bin/true \\;", "/bin/true; x"}
}
