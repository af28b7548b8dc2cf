package goprogram

import (
	"fmt"
	"strings"
	"testing"
)

// TestCalls checks which calls are found, and what is known of their arguments.
func TestCalls(t *testing.T) {
	const q = "`"
	head := "package main\n\nimport (\n\t\"fmt\"\n\tweb \"net/http\"\n\t\"time\"\n)\n\n"
	for name, c := range map[string]struct{ body, want string }{
		"literal":   {`func main() { web.Get("https://example.com") }`, `net/http.Get web.Get plain "https://example.com"`},
		"constant":  {"const host = \"https://\" + name\nconst name = \"a\"\nfunc main() { _, _ = web.Get(host) }", `net/http.Get web.Get "https://a"`},
		"variable":  {"var host = " + q + "https://a" + q + "\nfunc main() { _, _ = web.Get((host)) }", `net/http.Get web.Get "https://a"...`},
		"format":    {`func main() { go web.Get(fmt.Sprintf("https://%s/x", h)) }`, `net/http.Get web.Get "https://"...`},
		"unknown":   {"func f(u string) { if u != \"\" { web.Get(u) } }", `net/http.Get web.Get ""...`},
		"over":      {"func main() { web.\n\tGet(\"a\") }", "net/http.Get web.\n\tGet plain \"a\""},
		"composite": {`var c = &web.Client{Timeout: 3 * time.Second, "x": "y"}`, `net/http.Client web.Client Timeout=""...`},
		"shadowed":  {`func f(web server) { web.Get("a") }`, ``},
		"other":     {"func Get() {}\nfunc main() { Get(); other.Get(); web.GetAll() }", ``},
		"comment":   {"// web.Get is not called\nfunc main() {}", ``},
		"broken":    {`func main() { web.Get("a")`, ``},
	} {
		r := open(t, map[string]string{"go.mod": "module example.com/app\ngo 1.25\n", "main.go": head + c.body + "\n", "x_test.go": head + "var _ = web.Get\n"})
		var got []string
		for _, call := range Packages.Of(r).Mains()[0].Calls(Linux, "net/http", "Get", "Client") {
			line := call.Func + " " + call.At.Text()
			if call.Plain {
				line += " plain"
			}
			for _, a := range call.Args {
				line += " "
				if a.Field != "" {
					line += a.Field + "="
				}
				line += fmt.Sprintf("%q", a.Text)
				if !a.Known {
					line += "..."
				}
			}
			if whole := call.Whole.Text(); !strings.HasPrefix(whole, call.At.Text()) || !strings.ContainsAny(whole[len(whole)-1:], ")}") {
				t.Errorf("%s: whole is %q", name, whole)
			}
			got = append(got, line)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
