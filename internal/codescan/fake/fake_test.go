package fake

import (
	"net/http"
	"strings"
	"testing"
)

// TestContract: what is not as GitHub describes it is refused and kept.
func TestContract(t *testing.T) {
	const sha, gzipped = "4b6472266afd7b471e86085a6659e8c7f2b119da", "H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA=="
	body := func(sha, ref, more string) string {
		return `{"commit_sha":"` + sha + `","ref":"` + ref + `","sarif":"` + gzipped + `"` + more + `}`
	}
	for name, c := range map[string]struct {
		method, path, body string
		code               int
		problem            string
	}{
		"right":        {"POST", "/repos/o/r/code-scanning/sarifs", body(sha, "refs/heads/main", ""), 202, ""},
		"short commit": {"POST", "/repos/o/r/code-scanning/sarifs", body("4b64722", "refs/heads/main", ""), 422, "commit_sha"},
		"short ref":    {"POST", "/repos/o/r/code-scanning/sarifs", body(sha, "main", ""), 422, "ref"},
		"no SARIF":     {"POST", "/repos/o/r/code-scanning/sarifs", `{"commit_sha":"` + sha + `","ref":"refs/heads/main"}`, 422, "sarif"},
		"more":         {"POST", "/repos/o/r/code-scanning/sarifs", body(sha, "refs/heads/main", `,"x":1`), 422, "additional properties"},
		"bad date":     {"POST", "/repos/o/r/code-scanning/sarifs", body(sha, "refs/heads/main", `,"started_at":"now"`), 422, "date-time"},
		"not gzip":     {"POST", "/repos/o/r/code-scanning/sarifs", `{"commit_sha":"` + sha + `","ref":"refs/heads/main","sarif":"e30="}`, 400, ""},
		"wrong path":   {"POST", "/repos/o/r/code-scanning/sarif", "{}", 404, "not described"},
		"wrong method": {"PUT", "/repos/o/r/code-scanning/sarifs", "{}", 404, "not described"},
		"state":        {"GET", "/repos/o/r/code-scanning/sarifs/" + id, "", 200, ""},
		"no state":     {"GET", "/repos/o/r/code-scanning/sarifs/1", "", 404, ""},
	} {
		h := New(t, "", "secret")
		req, err := http.NewRequest(c.method, h.API()+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer secret")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		problems := strings.Join(h.Problems(), "; ")
		if resp.StatusCode != c.code || (c.problem == "") != (problems == "") || !strings.Contains(problems, c.problem) {
			t.Errorf("%s: answered %d, problems %q", name, resp.StatusCode, problems)
		}
	}
}
