package systemd

import (
	"slices"
	"strings"
)

// enum is a set of words. Its tables are string tables of systemd's sources,
// found through the parser of the same name.
type enum struct {
	words   string
	boolean bool   // a boolean will do too
	empty   bool   // and so will nothing, which resets
	upTo    int64  // and so will a number from 0 to this; 0: none
	message string // of a rejection; the general one if empty
}

const (
	anyInt = 1<<31 - 1
)

// enumOf returns the words that a kind of value consists of.
func enumOf(kind string) (enum, bool) {
	switch kind {
	case "collect_mode":
		return enum{words: "inactive inactive-or-failed"}, true
	case "device_policy":
		return enum{words: "auto closed strict"}, true
	case "emergency_action":
		return enum{words: "none exit exit-force reboot reboot-force reboot-immediate poweroff poweroff-force " +
			"poweroff-immediate soft-reboot soft-reboot-force kexec kexec-force halt halt-force halt-immediate",
			message: "Failed to parse %[1]s=, ignoring: %[2]s"}, true
	case "exec_cpu_sched_policy":
		return enum{words: "other batch idle fifo rr", empty: true, upTo: anyInt,
			message: "Failed to parse CPU scheduling policy, ignoring: %[2]s"}, true
	case "exec_io_class":
		return enum{words: "none realtime best-effort idle", empty: true, upTo: 8,
			message: "Failed to parse IO scheduling class, ignoring: %[2]s"}, true
	case "exec_keyring_mode":
		return enum{words: "inherit private shared"}, true
	case "exec_mount_propagation_flag":
		return enum{words: "shared slave private", empty: true}, true
	case "exec_preserve_mode":
		return enum{words: "no yes restart", boolean: true}, true
	case "exec_utmp_mode":
		return enum{words: "init login user"}, true
	case "ip_tos":
		return enum{words: "low-delay throughput reliability low-cost", empty: true, upTo: 255}, true
	case "job_mode":
		return enum{words: "fail replace replace-irreversibly isolate flush ignore-dependencies " +
			"ignore-requirements triggering restart-dependencies"}, true
	case "kill_mode":
		return enum{words: "control-group process mixed none", empty: true,
			message: "Failed to parse kill mode specification, ignoring: %[2]s"}, true
	case "log_facility":
		return enum{words: "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp " +
			"local0 local1 local2 local3 local4 local5 local6 local7", upTo: 127}, true
	case "log_level":
		return enum{words: "emerg alert crit err warning notice info debug", upTo: 7}, true
	case "managed_oom_mode":
		return enum{words: "auto kill", empty: true, message: "Invalid syntax, ignoring: %[2]s"}, true
	case "managed_oom_preference":
		return enum{words: "none avoid omit"}, true
	case "memory_pressure_watch":
		return enum{words: "no yes auto skip", boolean: true}, true
	case "notify_access":
		return enum{words: "none main exec all"}, true
	case "numa_policy":
		return enum{words: "default preferred bind interleave local", empty: true}, true
	case "oom_policy":
		return enum{words: "continue stop kill"}, true
	}
	return sandboxEnum(kind)
}

// sandboxEnum holds the words of services and sandboxes.
func sandboxEnum(kind string) (enum, bool) {
	switch kind {
	case "private_pids":
		return enum{words: "no yes", boolean: true}, true
	case "private_tmp":
		return enum{words: "no connected disconnected", boolean: true}, true
	case "private_users":
		return enum{words: "no self identity", boolean: true}, true
	case "proc_subset":
		return enum{words: "all pid"}, true
	case "protect_control_groups":
		return enum{words: "no yes private strict", boolean: true}, true
	case "protect_home":
		return enum{words: "no yes read-only tmpfs", boolean: true}, true
	case "protect_proc":
		return enum{words: "default noaccess invisible ptraceable"}, true
	case "protect_system":
		return enum{words: "no yes full strict", boolean: true}, true
	case "service_exit_type":
		return enum{words: "main cgroup"}, true
	case "service_restart":
		return enum{words: "no on-success on-failure on-abnormal on-watchdog on-abort always"}, true
	case "service_restart_mode":
		return enum{words: "normal direct debug"}, true
	case "service_timeout_failure_mode":
		return enum{words: "terminate abort kill"}, true
	case "service_type":
		return enum{words: "simple exec forking oneshot dbus notify notify-reload idle"}, true
	case "socket_bind":
		return enum{words: "default both ipv6-only", boolean: true}, true
	case "socket_timestamping":
		return enum{words: "off us ns nsec usec µs μs", boolean: true}, true
	}
	return enum{}, false
}

func (c *checker) enum(e enum) {
	text := c.value.Text
	if c.key == "ManagedOOMSwap" || c.key == "ManagedOOMMemoryPressure" {
		if !c.managesOOM() {
			return
		}
	}
	if c.scope.User && strings.HasSuffix(c.key, "Action") && !contains("none exit exit-force", text) {
		c.unknown() // a user's manager takes few of them, by version
		return
	}
	switch {
	case text == "" && e.empty, e.boolean && isBool(text), text != "" && slices.Contains(strings.Fields(e.words), text):
		if c.key == "KillMode" && text == "none" {
			c.advise("Unit uses KillMode=none. This is unsafe, as it disables systemd's process lifecycle management for the service. " +
				"Please update the service to use a safer KillMode=, such as 'mixed' or 'control-group'. " +
				"Support for KillMode=none is deprecated and will eventually be removed.")
		}
		return
	case e.upTo > 0:
		if _, err := Uint(text, uint64(e.upTo)); err == nil {
			return
		}
	}
	if e.message == "" {
		c.failed(errInvalid)
		return
	}
	c.ignore(e.message, c.key, text)
}
