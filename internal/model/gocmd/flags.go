package gocmd

import "strings"

// kind says how a flag takes its value.
type kind uint8

const (
	noFlag       kind = iota // the command does not have it
	mayHaveValue             // boolean: only -f=value
	needsValue               // -f=value or -f value
)

// The flags of cmd/go, Go 1.27, in groups. b: are boolean.
const (
	packageFlags = "b:a p b:race b:msan b:asan b:v b:work b:n b:x asmflags buildmode b:buildvcs compiler gccgoflags gcflags " +
		"installsuffix ldflags b:linkshared b:modcacherw modfile overlay pgo pkgdir tags b:trimpath toolexec C " +
		"debug-actiongraph debug-runtime-trace debug-trace"
	buildFlags  = packageFlags + " mod b:json b:cover covermode coverpkg"
	moduleFlags = "C b:modcacherw modfile overlay"
	testFlags   = "b:c o coverprofile exec vet b:artifacts bench b:benchmem benchtime blockprofile blockprofilerate count cpu cpuprofile b:failfast fuzz " +
		"b:fullpath list memprofile memprofilerate mutexprofile mutexprofilefraction outputdir parallel run b:short skip timeout fuzztime " +
		"fuzzminimizetime trace shuffle b:i"
	editFlags = "b:fmt b:print b:json b:n b:x godebug dropgodebug require droprequire exclude dropexclude replace dropreplace retract dropretract tool droptool " +
		"ignore dropignore go toolchain"
)

// flagsOf returns the flags of a command.
func flagsOf(verb string) (string, bool) {
	switch verb {
	case "build":
		return buildFlags + " o b:i", true
	case "install":
		return buildFlags + " b:i", true // no -o
	case "run":
		return buildFlags + " exec", true
	case "test":
		return buildFlags + " " + testFlags, true
	case "vet":
		return packageFlags + " mod vettool b:json b:fix b:diff c", true
	case "list":
		return buildFlags + " b:compiled b:deps b:e b:export f b:find b:m b:retracted reuse b:test b:u b:versions", true
	case "get":
		return packageFlags + " b:d b:f b:fix b:insecure b:json b:m b:t b:tool b:u", true
	case "clean":
		return packageFlags + " mod b:i b:r b:cache b:fuzzcache b:modcache b:testcache", true
	case "generate":
		return packageFlags + " mod run skip", true
	case "fmt":
		return moduleFlags + " b:n b:x mod", true
	case "env":
		return "C b:n b:x b:changed b:json b:u b:w", true
	case "version":
		return "C b:json b:m b:v", true
	case "tool":
		return moduleFlags + " b:n", true
	case "mod download":
		return moduleFlags + " b:json b:x reuse", true
	case "mod tidy":
		return moduleFlags + " b:v b:x b:e b:diff go compat", true
	case "mod vendor":
		return moduleFlags + " b:v b:e o", true
	case "mod verify", "mod init", "work init", "work sync":
		return moduleFlags, true
	case "mod graph":
		return moduleFlags + " go b:x", true
	case "mod why":
		return moduleFlags + " b:m b:vendor", true
	case "mod edit":
		return moduleFlags + " module " + editFlags, true
	case "work edit":
		return "C use dropuse b:fmt b:print b:json godebug dropgodebug replace dropreplace go toolchain", true
	case "work use":
		return moduleFlags + " b:r", true
	case "work vendor":
		return moduleFlags + " b:v b:e o", true
	}
	return "", false
}

func knownVerb(verb string) bool {
	_, ok := flagsOf(verb)
	return ok
}

func kindOf(verb, name string) kind {
	flags, _ := flagsOf(verb)
	if verb == "test" {
		name = strings.TrimPrefix(name, "test.")
	}
	for f := range strings.FieldsSeq(flags) {
		if f == name {
			return needsValue
		}
		if f == "b:"+name {
			return mayHaveValue
		}
	}
	return noFlag
}

// anyFlag reports whether any command has the flag, which is what GOFLAGS
// demands.
func anyFlag(name string) bool {
	for _, verb := range []string{
		"build", "run", "test", "vet", "list", "get", "clean", "generate", "fmt", "env", "version", "tool", "mod download", "mod tidy", "mod vendor",
		"mod graph", "mod why", "mod edit", "work use",
	} {
		if kindOf(verb, name) != noFlag {
			return true
		}
	}
	return false
}
