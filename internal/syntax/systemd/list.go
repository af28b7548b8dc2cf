package systemd

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// contains reports whether a list of words holds one.
func contains(words, word string) bool {
	return word != "" && slices.Contains(strings.Fields(words), word)
}

// checkList judges values that are lists of words.
func (c *checker) checkList(kind string) bool {
	switch kind {
	case "exec":
		c.scope.exec(c)
	case "environ":
		c.scope.environment(c, setVariable)
	case "unset_environ":
		c.scope.environment(c, unsetVariable)
	case "pass_environ":
		c.scope.environment(c, passVariable)
	case "capability_set":
		c.capabilities()
	case "set_status":
		c.statuses()
	case "unit_deps":
		c.dependencies()
	case "obsolete_unit_deps":
		_, now := CurrentKey(c.section, c.key)
		c.advise("Unit dependency type %s= is obsolete, replacing by %s=, please update your unit file", c.key, now)
		c.dependencies()
	case "namespace_path_strv", "unit_mounts_for", "colon_separated_paths", "unit_path_strv_printf":
		c.paths(kind)
	case "temporary_filesystems":
		c.temporaryFileSystems()
	case "exec_directories":
		c.directories()
	case "documentation":
		c.documentation()
	case "user_group_strv_compat":
		c.groups()
	case "delegate":
		c.delegate()
	case "disable_controllers":
		c.disableControllers()
	case "restrict_namespaces":
		c.namespaces()
	case "address_families":
		c.addressFamilies()
	case "in_addr_prefixes":
		c.addresses()
	case "io_limit", "io_device_weight", "io_device_latency":
		c.device(kind)
	case "exec_coredump_filter":
		c.coredumpFilter()
	case "exec_secure_bits":
		c.secureBits()
	case "service_sockets":
		c.sockets()
	case "restrict_network_interfaces":
		c.interfaces()
	default:
		return false
	}
	return true
}

// each splits the value into words and hands them on. broken is what systemd
// says of a value that cannot be split, with the value for %s.
func (c *checker) each(separators string, how syntax, broken string, word func(w Word)) {
	ws, err := words(c.value, separators, how)
	for _, w := range ws {
		word(w)
	}
	if err != nil {
		c.broken(len(ws), broken)
	}
}

// broken reports that what stands behind n good words is lost.
func (c *checker) broken(n int, text string, more ...any) {
	if n > 0 {
		c.drop(c.at, text, append([]any{c.value.Text}, more...)...)
	} else {
		c.ignore(text, append([]any{c.value.Text}, more...)...)
	}
}

const invalidSyntax = "Invalid syntax, ignoring: %s"

// Capabilities reads a capability set, with an optional "~" in front. unknown
// holds the words that are no capability: systemd drops them without a message.
func Capabilities(v *source.Joined) (names []Word, inverted bool, unknown []Word) {
	from := 0
	if strings.HasPrefix(v.Text, "~") {
		inverted, from = true, 1
	}
	ws, _ := words(v.Slice(from, len(v.Text)), blanks, unquote|relax) // cannot fail
	for _, w := range ws {
		if isCapability(w.Text) {
			names = append(names, w)
		} else {
			unknown = append(unknown, w)
		}
	}
	return names, inverted, unknown
}

// isCapability is capability_from_name of src/basic/cap-list.c.
func isCapability(s string) bool {
	if v, err := Int(s, 32); err == nil {
		return v >= 0 && v <= 62
	}
	name, ok := strings.CutPrefix(strings.ToUpper(s), "CAP_")
	return ok && contains("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "+
		"NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE "+
		"SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL "+
		"SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE", name)
}

func (c *checker) capabilities() {
	_, _, unknown := Capabilities(c.value)
	for _, w := range unknown {
		c.note(w.At, Note{Silent: true}, "%s= names no capability: %s", c.key, w.Text)
		c.worsen(Partial)
	}
}

// exitStatuses are the names that exit statuses have (src/shared/exit-status.c).
const exitStatuses = "SUCCESS FAILURE CHDIR NICE FDS EXEC MEMORY LIMITS OOM_ADJUST SIGNAL_MASK STDIN STDOUT CHROOT IOPRIO " +
	"TIMERSLACK SECUREBITS SETSCHEDULER CPUAFFINITY GROUP USER CAPABILITIES CGROUP SETSID CONFIRM STDERR PAM NETWORK NAMESPACE " +
	"NO_NEW_PRIVILEGES SECCOMP SELINUX_CONTEXT PERSONALITY APPARMOR ADDRESS_FAMILIES RUNTIME_DIRECTORY CHOWN " +
	"SMACK_PROCESS_LABEL KEYRING STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY NUMA_POLICY CREDENTIALS " +
	"BPF KSM EXCEPTION INVALIDARGUMENT NOTIMPLEMENTED NOPERMISSION NOTINSTALLED NOTCONFIGURED NOTRUNNING USAGE DATAERR NOINPUT " +
	"NOUSER NOHOST UNAVAILABLE SOFTWARE OSERR OSFILE CANTCREAT IOERR TEMPFAIL PROTOCOL NOPERM CONFIG"

func (c *checker) statuses() {
	broken := "Failed to parse " + c.key + "=%s, ignoring: " + string(errInvalid)
	c.each(blanks, 0, broken, func(w Word) {
		_, number := Uint(w.Text, 255)
		_, signal := Signal(w.Text)
		if !contains(exitStatuses, w.Text) && number != nil && signal != nil {
			c.drop(w.At, "Failed to parse value, ignoring: %s", w.Text)
		}
	})
}

func (c *checker) dependencies() {
	c.each(blanks, keepEscapes, invalidSyntax, func(w Word) {
		out, known, err := c.scope.expand(w.Joined, inName())
		if err != nil {
			c.drop(w.At, inQuotes, w.Text, err)
			return
		}
		if !known {
			c.unknown()
			return
		}
		if _, ok := splitUnitName(out.Text); !ok {
			c.drop(w.At, "Failed to add dependency on %s, ignoring: %v", out.Text, errInvalid)
		}
	})
}

// paths judges lists of absolute paths.
func (c *checker) paths(kind string) {
	separators, how, broken, unresolved := blanks, unquote, "Failed to extract first word, ignoring: %s", inQuotes
	switch kind {
	case "namespace_path_strv":
		unresolved = "Failed to resolve unit specifiers in %s: %v"
	case "unit_mounts_for", "unit_path_strv_printf":
		broken = invalidSyntax
	case "colon_separated_paths":
		separators, how = ":", everySeparator
	}
	if c.value.Text == "" {
		return
	}
	ws, err := words(c.value, separators, how)
	for i, w := range ws {
		v := w.Joined
		if kind == "namespace_path_strv" {
			rest := strings.TrimPrefix(strings.TrimPrefix(w.Text, "-"), "+")
			v = v.Slice(len(w.Text)-len(rest), len(w.Text))
		}
		good := c.path(v, absolutePath, unresolved, func(text string) { c.drop(w.At, "%s", text) })
		last := kind == "colon_separated_paths" || kind == "unit_path_strv_printf"
		if !good && last && c.verdict.Outcome == Partial { // systemd gives up on the rest
			if i == 0 {
				c.worsen(Ignored)
			}
			return
		}
	}
	if err != nil {
		c.broken(len(ws), broken)
	}
}

func (c *checker) temporaryFileSystems() {
	c.each(blanks, unquote, "Failed to extract first word, ignoring: %s", func(w Word) {
		split := splitter{text: w.Text}
		first, ok, err := split.next(":", everySeparator)
		switch {
		case err != nil:
			c.drop(w.At, "Failed to extract first word, ignoring: %s", w.Text)
		case !ok:
			c.drop(w.At, "Invalid syntax, ignoring: %s", w.Text)
		default:
			c.path(first.trace(w.Joined).Joined, absolutePath, withoutOne, func(text string) { c.drop(w.At, "%s", text) })
		}
	})
}

// directories judges RuntimeDirectory=, StateDirectory= and so on: words
// source[:destination[:flags]].
func (c *checker) directories() {
	ws, err := words(c.value, blanks, unquote|keepEscapes)
	for i, w := range ws {
		parts, err := words(w.Joined, ":", unescape|unescapeSeparators|everySeparator)
		if err != nil && len(parts) < 3 || len(parts) == 0 {
			c.drop(w.At, "Invalid syntax in %s=, ignoring: %s", c.key, w.Text)
			if i == 0 {
				c.worsen(Ignored)
			}
			return
		}
		c.directory(w, parts)
	}
	if err != nil {
		c.broken(len(ws), "Invalid syntax "+c.key+"=%s, ignoring: "+string(errInvalid))
	}
}

func (c *checker) directory(w Word, parts []Word) {
	const unresolved = "Failed to resolve unit specifiers in \"%s\", ignoring: %v"
	reject := func(text string) { c.drop(w.At, "%s", text) }
	if !c.path(parts[0].Joined, relativePath, unresolved, reject) {
		return
	}
	if p := simplifyPath(parts[0].Text); p == "private" || strings.HasPrefix(p, "private/") {
		c.drop(w.At, "%s= path can't be 'private', ignoring assignment: %s", c.key, w.Text)
		return
	}
	if len(parts) > 1 && parts[1].Text != "" {
		if c.key == "ConfigurationDirectory" {
			c.drop(w.At, "Additional parameter is not supported for ConfigurationDirectory, ignoring: %s", w.Text)
			return
		}
		if !c.path(parts[1].Joined, relativePath, unresolved, reject) {
			return
		}
	}
	if len(parts) > 2 && parts[2].Text != "" && parts[2].Text != "ro" {
		c.drop(w.At, "Invalid flags for %s=, ignoring: %s", c.key, parts[2].Text)
	}
}

func (c *checker) documentation() {
	out, known, err := c.scope.expand(c.value, inText())
	if err != nil {
		c.ignore(inQuotes, c.value.Text, err)
		return
	}
	if !known {
		c.unknown()
		return
	}
	ws, err := words(out, blanks, unquote|keepEscapes)
	if err != nil {
		c.ignore("Failed to parse %s=%s, ignoring: %v", c.key, out.Text, err)
		return
	}
	for _, w := range ws {
		rest := ""
		for _, scheme := range []string{"http://", "https://", "file:/", "info:", "man:"} {
			if strings.HasPrefix(w.Text, scheme) {
				rest = w.Text[len(scheme):]
			}
		}
		if rest == "" || !isASCII(rest) {
			c.drop(w.At, "Invalid URL, ignoring: %s", w.Text)
		}
	}
}

// user judges the name or number of a user or group. systemd refuses a unit
// with one that cannot be.
func (c *checker) user(v *source.Joined, at source.Span) {
	out, known, err := c.scope.expand(v, inText())
	switch {
	case v.Text == "":
	case err != nil:
		c.refuse(at, "Failed to resolve unit specifiers in %s: %v", v.Text, err)
	case !known:
		c.unknown()
	case !isUser(out.Text):
		c.refuse(at, "Invalid user/group name or numeric ID: %s", out.Text)
	case out.Text == "nobody" && strings.Contains(c.key, "User"):
		c.advise("Special user %s configured, this is not safe!", out.Text)
	}
}

// isUser is valid_user_group_name of src/basic/user-util.c, as units use it.
func isUser(s string) bool {
	const decimal = "0123456789"
	if onlyOf(strings.TrimPrefix(s, "-"), decimal) {
		v, err := Uint(s, math.MaxUint32)
		return err == nil && s != "" && (s == "0" || s[0] != '0') && s[0] != '-' && v != math.MaxUint32 && v != 65535
	}
	return !hasControl(s) && !strings.ContainsAny(s, ":/") && s != "." && s != ".." && strings.Trim(s, " ") == s && validUTF8(s)
}

func (c *checker) groups() {
	ws, err := words(c.value, blanks, 0)
	for _, w := range ws {
		c.user(w.Joined, w.At)
		if c.verdict.Outcome == Refused {
			return
		}
	}
	if err != nil {
		c.refuse(c.at, "Invalid syntax: %s", c.value.Text)
	}
}

const controllers = "cpu cpuacct cpuset io blkio memory devices pids bpf-firewall bpf-devices bpf-foreign bpf-socket-bind " +
	"bpf-restrict-network-interfaces"

func (c *checker) delegate() {
	if c.section != "Service" && c.section != "Scope" {
		c.ignore("Delegate= setting not supported for this unit type, ignoring.")
		return
	}
	if c.value.Text == "" || isBool(c.value.Text) {
		return
	}
	ws, err := words(c.value, blanks, unquote)
	for _, w := range ws {
		if !contains(controllers, w.Text) {
			c.drop(w.At, "Invalid controller name '%s', ignoring", w.Text)
		}
	}
	if err != nil { // then none of the words counts
		c.ignore(invalidSyntax, c.value.Text)
	}
}

func (c *checker) disableControllers() {
	ws, err := words(c.value, blanks, 0)
	known := false
	for _, w := range ws {
		if contains(controllers, w.Text) {
			known = true
			continue
		}
		c.note(w.At, Note{Silent: true}, "%s= names no controller: %s", c.key, w.Text)
		c.worsen(Partial)
	}
	if c.value.Text != "" && (err != nil || !known) {
		c.verdict = Verdict{Outcome: Accepted}
		c.ignore("Invalid cgroup string: %s, ignoring", c.value.Text)
	}
}

func (c *checker) namespaces() {
	text := c.value.Text
	if text == "" || isBool(text) {
		return
	}
	from := len(text) - len(strings.TrimPrefix(text, "~"))
	ws, err := words(c.value.Slice(from, len(text)), blanks, 0)
	for _, w := range ws {
		if !contains("cgroup ipc net mnt pid user uts time", w.Text) {
			err = errInvalid
		}
	}
	if err != nil {
		c.ignore("Failed to parse namespace type string, ignoring: %s", text[from:])
	}
}

// addressFamilies judges RestrictAddressFamilies=. The names come from the
// kernel headers systemd was built with: one that is not in the list is unknown
// if it looks like one.
func (c *checker) addressFamilies() {
	text := c.value.Text
	if text == "" || text == "none" {
		return
	}
	from := len(text) - len(strings.TrimPrefix(text, "~"))
	ws, err := words(c.value.Slice(from, len(text)), blanks, unquote)
	for _, w := range ws {
		switch {
		case contains("AF_UNIX AF_LOCAL AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_BLUETOOTH AF_CAN AF_VSOCK AF_ALG AF_KEY "+
			"AF_TIPC AF_XDP AF_QIPCRTR AF_NFC AF_RDS AF_PPPOX", strings.ToUpper(w.Text)):
		case strings.HasPrefix(strings.ToUpper(w.Text), "AF_"):
			c.unknown()
		default:
			c.drop(w.At, "Failed to parse address family, ignoring: %s", w.Text)
		}
	}
	if err != nil {
		c.drop(c.at, invalidSyntax, text[from:])
	}
}

func (c *checker) addresses() {
	c.each(blanks, 0, invalidSyntax, func(w Word) {
		if !isPrefix(w.Text) {
			c.drop(w.At, "Invalid address prefix is specified in [%s] %s=, ignoring assignment: %s", c.section, c.key, w.Text)
		}
	})
}

func isPrefix(s string) bool {
	lower := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(s), "."), ".localdomain")
	if contains("any link-local multicast", s) || lower == "localhost" || strings.HasSuffix(lower, ".localhost") {
		return true
	}
	address, length, ok := strings.Cut(s, "/")
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return false
	}
	if !ok {
		return true
	}
	_, err = Uint(length, uint64(a.BitLen()))
	return err == nil
}

// device judges a path to a device and a value behind it.
func (c *checker) device(kind string) {
	what := map[string][2]string{
		"io_limit":          {"device node and bandwidth", "device node or bandwidth"},
		"io_device_weight":  {"device path and weight", "device path or weight"},
		"io_device_latency": {"device path and latency", "device path or latency"},
	}[kind]
	text := c.value.Text
	if text == "" {
		return
	}
	split := splitter{text: text}
	w, ok, err := split.next(blanks, unquote)
	switch {
	case err != nil:
		c.ignore("Failed to extract "+what[0]+" from '%s', ignoring.", text)
		return
	case !ok || split.rest() == "":
		c.ignore("Invalid "+what[1]+" specified in '%s', ignoring.", text)
		return
	}
	if !c.path(w.trace(c.value).Joined, 0, inQuotes, func(text string) { c.ignore("%s", text) }) {
		return
	}
	c.deviceValue(kind, split.rest())
}

func (c *checker) deviceValue(kind, text string) {
	switch kind {
	case "io_limit":
		if v, err := Size(text, 1000); text != "infinity" && (err != nil || v == 0) {
			c.ignore("Invalid IO limit '%s', ignoring.", text)
		}
	case "io_device_weight":
		v, err := Uint(text, math.MaxUint64)
		if err == nil && (v < 1 || v > 10000) {
			err = errRange
		}
		if err != nil {
			c.ignore("IO weight '%s' invalid, ignoring: %v", text, err)
		}
	default:
		if _, err := Timespan(text); err != nil {
			c.ignore("Failed to parse timer value, ignoring: %s", text)
		}
	}
}

func (c *checker) coredumpFilter() {
	ws, err := words(c.value, blanks, 0)
	for _, w := range ws {
		if contains("default all private-anonymous shared-anonymous private-file-backed shared-file-backed elf-headers "+
			"private-huge shared-huge private-dax shared-dax", w.Text) {
			continue
		}
		v, negative, over, n := cInt(w.Text, 16)
		switch {
		case over || negative && v != 0 && n == len(w.Text):
			err = errRange
		case n == 0 || n != len(w.Text):
			err = errInvalid
		default:
			continue
		}
		break
	}
	if err != nil {
		c.ignore("Failed to parse the CoredumpFilter=%s, ignoring: %v", c.value.Text, err)
	}
}

// secureBits judges SecureBits=, of which systemd drops what it does not know
// without a message.
func (c *checker) secureBits() {
	ws, _ := words(c.value, blanks, unquote)
	for _, w := range ws {
		if !contains("keep-caps keep-caps-locked no-setuid-fixup no-setuid-fixup-locked noroot noroot-locked", w.Text) {
			c.note(w.At, Note{Silent: true}, "%s= names no secure bit: %s", c.key, w.Text)
			c.worsen(Partial)
		}
	}
}

func (c *checker) sockets() {
	c.each(blanks, 0, "Trailing garbage in sockets, ignoring: %s", func(w Word) {
		out, known, err := c.scope.expand(w.Joined, inName())
		switch {
		case err != nil:
			c.drop(w.At, inQuotes, w.Text, err)
		case !known:
			c.unknown()
		case !strings.HasSuffix(out.Text, ".socket"):
			c.drop(w.At, "Unit must be of type socket, ignoring: %s", out.Text)
		default:
			if _, ok := splitUnitName(out.Text); !ok {
				c.drop(w.At, "Failed to add dependency on %s, ignoring: %v", out.Text, errInvalid)
			}
		}
	})
}

func (c *checker) interfaces() {
	text := c.value.Text
	from := len(text) - len(strings.TrimPrefix(text, "~"))
	ws, err := words(c.value.Slice(from, len(text)), blanks, unquote)
	for _, w := range ws {
		index, _ := Int(w.Text, 32)
		number := index > 0 || onlyOf(w.Text, "0123456789")
		if w.Text == "" || number || len(w.Text) >= 128 || contains(". .. all default", w.Text) ||
			!isASCII(w.Text) || hasControl(w.Text) || strings.ContainsAny(w.Text, " /:%") {
			c.drop(w.At, "Invalid interface name, ignoring: %s", w.Text)
		}
	}
	if err != nil {
		c.drop(c.at, "%s", fmt.Sprintf("Trailing garbage in %s, ignoring: %s", c.key, text[from:]))
	}
}
