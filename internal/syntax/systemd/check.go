package systemd

import (
	"math"
	"strings"
	"time"
)

// check judges the value by its kind. Kinds that are not modelled are unknown:
// syscall and BPF names, images, credentials, addresses to listen on, calendar
// expressions and whatever else depends on tables or on the machine.
func (c *checker) check(kind string) {
	text := c.value.Text
	if e, ok := enumOf(kind); ok {
		c.enum(e)
		return
	}
	switch kind {
	case "NULL":
	case "warn_compat":
		if isRemoved(c.key) {
			c.advise("Support for option %s= has been removed and it is ignored", c.key)
		}
	case "bool":
		c.bool()
	case "tristate":
		if text != "" && !isBool(text) {
			c.failed(errInvalid)
		}
	case "unsigned":
		_, err := Uint(text, math.MaxUint32)
		c.failed(err)
	case "tty_size":
		if text != "" {
			_, err := Uint(text, math.MaxUint32)
			c.failed(err)
		}
	case "int":
		_, err := Int(text, 32)
		c.failed(err)
	case "long":
		_, err := Int(text, 64)
		c.failed(err)
	case "iec_size":
		_, err := Size(text, 1024)
		c.failed(err)
	case "mode":
		_, err := Mode(text)
		c.failed(err)
	case "signal":
		_, err := Signal(text)
		c.failed(err)
	default:
		if !c.checkLimit(kind) && !c.checkTime(kind) && !c.checkNumber(kind) && !c.checkText(kind) && !c.checkList(kind) {
			c.unknown()
		}
	}
}

// isRemoved tells the options that systemd removed, and says so, from those
// that a build without some library does not have.
func isRemoved(key string) bool {
	switch key {
	case "Capabilities", "NetClass", "IgnoreOnSnapshot", "SysVStartPriority", "BusPolicy":
		return true
	}
	return false
}

func (c *checker) bool() {
	switch {
	case isBool(c.value.Text):
	case c.key == "DynamicUser":
		c.refuse(c.at, "Failed to parse %s=%s: %v", c.key, c.value.Text, errInvalid)
	default:
		c.failed(errInvalid)
	}
}

func (c *checker) checkTime(kind string) bool {
	text := c.value.Text
	v, err := Timespan(text)
	switch kind {
	case "sec", "sec_fix_0":
		c.failed(err)
	case "sec_def_infinity":
		if text != "" {
			c.failed(err)
		}
	case "nsec":
		_, err := timespan(text, 1, time.Nanosecond)
		c.failed(err)
	case "service_timeout":
		if err != nil {
			c.ignore("Failed to parse %s= parameter, ignoring: %s", c.key, text)
		}
	case "service_timeout_abort":
		if err != nil && text != "" {
			c.ignore("Failed to parse %s= setting, ignoring: %s", c.key, text)
		}
	case "job_timeout_sec", "job_running_timeout_sec":
		if err != nil {
			c.ignore("Failed to parse %s= parameter, ignoring: %s", c.key, text)
		}
	case "timer":
		c.timer()
	case "managed_oom_mem_pressure_duration_sec":
		if c.managesOOM() && text != "" && !c.failed(err) && (v < 1e6 || v == Infinity) {
			c.ignore("%s= must be at least 1s and less than infinity, ignoring: %s", c.key, text)
		}
	default:
		return false
	}
	return true
}

func (c *checker) timer() {
	text, ok := c.expand(inText(), inQuotes)
	if !ok || c.value.Text == "" {
		return
	}
	if c.key == "OnCalendar" {
		c.unknown()
		return
	}
	if _, err := Timespan(text); err != nil {
		c.ignore("Failed to parse timer value, ignoring: %s", text)
	}
}

// managesOOM says whether units of this section can be watched for memory
// pressure.
func (c *checker) managesOOM() bool {
	switch c.section {
	case "Service", "Slice", "Scope":
		return true
	}
	c.ignore("%s= is not supported for this unit type, ignoring.", c.key)
	return false
}

// checkNumber judges numbers that have a range or words of their own.
func (c *checker) checkNumber(kind string) bool {
	text := c.value.Text
	switch kind {
	case "cg_weight", "cg_cpu_weight":
		c.weight(1, 10000, kind == "cg_cpu_weight")
	case "cpu_shares":
		c.advise("Unit uses %[1]s=; please use CPUWeight= instead. Support for %[1]s= will be removed soon.", c.key)
		c.weight(2, 262144, false)
	case "blockio_weight":
		c.weight(10, 1000, false)
	case "exec_nice":
		c.signed(-20, 19, "Nice priority out of range, ignoring: %s", "Failed to parse nice priority '%s', ignoring: %v")
	case "exec_oom_score_adjust":
		c.signed(-1000, 1000, "OOM score adjust value out of range, ignoring: %s",
			"Failed to parse the OOM score adjust value '%s', ignoring: %v")
	case "exec_cpu_sched_prio":
		v, err := Int(text, 32)
		if err != nil {
			c.ignore("Failed to parse CPU scheduling priority, ignoring: %s", text)
		} else if v < 0 || v > 99 {
			c.ignore("CPU scheduling priority is out of range, ignoring: %s", text)
		}
	case "exec_io_priority":
		if v, err := Int(text, 32); text != "" && (err != nil || v < 0 || v > 7) {
			c.ignore("Failed to parse IO priority, ignoring: %s", text)
		}
	case "exit_status":
		if _, err := Uint(text, 255); text != "" && err != nil {
			c.ignore("Failed to parse exit status '%s', ignoring: %v", text, err)
		}
	case "swap_priority":
		v, err := Int(text, 32)
		switch {
		case text == "":
		case err != nil:
			c.ignore("Invalid swap priority '%s', ignoring.", text)
		case v < -1:
			c.ignore("Sorry, swap priorities smaller than -1 may only be assigned by the kernel itself, ignoring: %s", text)
		case v > 32767:
			c.ignore("Swap priority out of range, ignoring: %s", text)
		}
	default:
		return false
	}
	return true
}

func (c *checker) weight(low, high uint64, idle bool) {
	text := c.value.Text
	if text == "" || idle && text == "idle" {
		return
	}
	v, err := Uint(text, math.MaxUint64)
	if err == nil && (v < low || v > high) {
		err = errRange
	}
	c.failed(err)
}

func (c *checker) signed(low, high int64, outside, unparsable string) {
	text := c.value.Text
	if text == "" {
		return
	}
	v, err := Int(text, 32)
	switch {
	case err == errRange || err == nil && (v < low || v > high):
		c.ignore(outside, text)
	case err != nil:
		c.ignore(unparsable, text, err)
	}
}

// checkText judges strings, names of users and paths that fill the whole value.
func (c *checker) checkText(kind string) bool {
	switch kind {
	case "unit_string_printf", "mount_node":
		c.expand(inText(), inQuotes)
	case "string":
	case "reboot_parameter":
		if text, ok := c.expand(inText(), inQuotes); ok && (!isASCII(text) || len(text) > 255) {
			c.ignore("Invalid reboot parameter '%s', ignoring.", text)
		}
	case "unit_condition_string":
		c.condition()
	case "unit_condition_path", "path_spec", "unit_path_printf", "unit_env_file", "working_directory", "pid_file":
		c.onePath(kind)
	case "user_group_compat":
		c.user(c.value, c.at)
	case "exec_input", "exec_output":
		c.stdio(kind == "exec_input")
	case "fdname":
		if text, ok := c.expand(inFD(), inQuotes); ok && !isFDName(text) {
			c.ignore("Invalid file descriptor name, ignoring: %s", text)
		}
	case "unit_slice":
		c.slice()
	case "job_mode_isolate":
		if !isBool(c.value.Text) {
			c.ignore("Failed to parse boolean, ignoring: %s", c.value.Text)
		}
	default:
		return false
	}
	return true
}

func (c *checker) condition() {
	from := 0
	for _, mark := range []byte{'|', '!'} {
		if text := c.value.Text; from < len(text) && text[from] == mark {
			from, _ = trim(text, from+1, len(text))
		}
	}
	rest := c.value.Slice(from, len(c.value.Text))
	if _, known, err := c.scope.expand(rest, inText()); err != nil {
		c.ignore(inQuotes, rest.Text, err)
	} else if !known {
		c.unknown()
	}
}

// isFDName is fdname_is_valid of src/basic/fd-util.c.
func isFDName(s string) bool {
	return len(s) <= 255 && isASCII(s) && !hasControl(s) && !strings.Contains(s, ":")
}

func (c *checker) slice() {
	out, known, err := c.scope.expand(c.value, inName())
	switch u, ok := splitUnitName(out.Text); {
	case err != nil:
		c.ignore(withoutOne, c.value.Text, err)
	case !known:
		c.unknown()
	case !ok:
		c.ignore("Failed to load slice unit %s, ignoring: Unit name %s is not valid.", out.Text, out.Text)
	case u.at && u.instance == "":
		c.ignore("Failed to load slice unit %s, ignoring: Unit name %s is missing the instance name.", out.Text, out.Text)
	case u.unitType != "slice" || c.section == "Slice": // the name of a slice says what it is in
		name := c.scope.Unit
		if name == "" {
			name = "the unit"
		}
		c.ignore("Failed to assign slice %s to unit %s, ignoring: %v", out.Text, name, errInvalid)
	case u.at || strings.Contains("-"+u.prefix+"-", "--") && u.prefix != "-":
		c.unknown() // such a slice does not load
	}
}
