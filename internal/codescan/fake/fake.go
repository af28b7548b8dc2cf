// Package fake is a GitHub for tests: it takes uploads to code scanning and
// holds every request and every answer against GitHub's published description
// of its API.
package fake

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed testdata/github-openapi.json
var description []byte

// The paths of the description.
const (
	uploadPath = "/repos/{owner}/{repo}/code-scanning/sarifs"
	statusPath = "/repos/{owner}/{repo}/code-scanning/sarifs/{sarif_id}"
)

// id is that of every upload.
const id = "47177e22-5596-11eb-80a1-c1e54ef945c6"

// Upload is an upload that was taken.
type Upload struct {
	Repository, Ref, Commit, Tool, Started string
	SARIF                                  []byte
}

// Answer is what a request gets instead of what it asks for.
type Answer struct {
	Code    int
	Message string
	Header  map[string]string
}

// Hub is a GitHub.
type Hub struct {
	*httptest.Server
	mu      sync.Mutex
	prefix  string
	token   string
	schemas map[string]*jsonschema.Schema
	polls   int

	answers  []Answer
	states   []State
	uploads  []Upload
	problems []string
	requests []string
}

// State is what a request for the state of an upload gets.
type State struct {
	Status string
	Errors []string
}

// New starts a GitHub whose API is below the prefix: nothing, or /api/v3 as on
// GitHub Enterprise Server. It takes requests with the token.
func New(t testing.TB, prefix, token string) *Hub {
	t.Helper()
	schemas, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	h := &Hub{prefix: prefix, token: token, schemas: schemas}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.Close)
	return h
}

// API is the address of the API.
func (h *Hub) API() string { return h.URL + h.prefix }

// Answer sets what the next requests get, one each.
func (h *Hub) Answer(answers ...Answer) { h.answers = answers }

// States sets what requests for the state of an upload get, one each; the last
// one for ever. Without any it is complete.
func (h *Hub) States(states ...State) { h.states = states }

// Uploads returns what was taken.
func (h *Hub) Uploads() []Upload {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.uploads)
}

// Requests returns the method and path of every request.
func (h *Hub) Requests() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.requests)
}

// Problems returns what was not as GitHub describes it.
func (h *Hub) Problems() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.problems)
}

func (h *Hub) problem(format string, args ...any) {
	h.problems = append(h.problems, fmt.Sprintf(format, args...))
}

func (h *Hub) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = append(h.requests, r.Method+" "+r.URL.Path)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.problem("reading the body: %v", err)
	}
	path, ok := strings.CutPrefix(r.URL.Path, h.prefix)
	repository, template := match(path)
	switch {
	case !ok || template == "" || (r.Method == http.MethodPost) != (template == uploadPath):
		h.problem("%s %s is not described", r.Method, r.URL.Path)
		h.send(w, template, http.StatusNotFound, message("Not Found"))
	case r.Header.Get("Authorization") != "Bearer "+h.token:
		h.send(w, template, http.StatusUnauthorized, message("Bad credentials"))
	case len(h.answers) > 0:
		next := h.answers[0]
		h.answers = h.answers[1:]
		for name, value := range next.Header {
			w.Header().Set(name, value)
		}
		h.send(w, template, next.Code, message(next.Message))
	case template == statusPath:
		h.serveState(w, strings.HasSuffix(path, "/"+id))
	default:
		h.serveUpload(w, repository, body)
	}
}

func message(text string) map[string]any {
	return map[string]any{"message": text, "documentation_url": "https://docs.github.com/rest"}
}

// match returns the repository of a path and the path in the description.
func match(path string) (repository, template string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) < 5 || parts[0] != "repos" || parts[3] != "code-scanning" || parts[4] != "sarifs" || slices.Contains(parts, "") {
		return "", ""
	}
	repository = parts[1] + "/" + parts[2]
	switch len(parts) {
	case 5:
		return repository, uploadPath
	case 6:
		return repository, statusPath
	}
	return "", ""
}

func (h *Hub) serveUpload(w http.ResponseWriter, repository string, body []byte) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = h.schemas["request"].Validate(value)
	}
	if err != nil {
		h.problem("the request: %v", err)
		h.send(w, uploadPath, http.StatusUnprocessableEntity, message("Invalid request."))
		return
	}
	var in struct {
		SARIF     string `json:"sarif"`
		Ref       string `json:"ref"`
		CommitSHA string `json:"commit_sha"`
		ToolName  string `json:"tool_name"`
		StartedAt string `json:"started_at"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		h.problem("the request: %v", err)
	}
	sarif, err := unpack(in.SARIF)
	if err != nil {
		h.send(w, uploadPath, http.StatusBadRequest, message(err.Error()))
		return
	}
	h.uploads = append(h.uploads, Upload{repository, in.Ref, in.CommitSHA, in.ToolName, in.StartedAt, sarif})
	h.send(w, uploadPath, http.StatusAccepted, map[string]any{"id": id, "url": h.URL + "/sarifs/" + id})
}

// unpack is the inverse of gzip and base64.
func unpack(packed string) ([]byte, error) {
	zipped, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return nil, fmt.Errorf("not in base64: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, fmt.Errorf("not gzip: %w", err)
	}
	return io.ReadAll(z)
}

func (h *Hub) serveState(w http.ResponseWriter, exists bool) {
	if !exists {
		h.send(w, statusPath, http.StatusNotFound, message("Not Found"))
		return
	}
	state := State{Status: "complete"}
	if len(h.states) > 0 {
		state = h.states[min(h.polls, len(h.states)-1)]
	}
	h.polls++
	out := map[string]any{"processing_status": state.Status, "analyses_url": nil, "errors": nil}
	if state.Errors != nil {
		out["errors"] = state.Errors
	}
	h.send(w, statusPath, http.StatusOK, out)
}

// send answers, with what is described for such an answer.
func (h *Hub) send(w http.ResponseWriter, template string, code int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		h.problem("an answer: %v", err)
	}
	if s := h.schemas[fmt.Sprintf("%s %d", template, code)]; s != nil {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err == nil {
			err = s.Validate(value)
		}
		if err != nil {
			h.problem("the answer %d: %v", code, err)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	if _, err := w.Write(data); err != nil {
		h.problem("answering: %v", err)
	}
}

// compile returns the schemas of the request and, by path and status, of the
// answers.
func compile() (map[string]*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(description))
	if err != nil {
		return nil, err
	}
	const name = "https://example.com/github-openapi.json"
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4) // what OpenAPI 3.0 took its schemas from
	c.AssertFormat()
	if err := c.AddResource(name, nullable(doc)); err != nil {
		return nil, err
	}
	pointers := map[string][]string{
		"request":           {"paths", uploadPath, "post", "requestBody", "content", "application/json", "schema"},
		uploadPath + " 202": {"paths", uploadPath, "post", "responses", "202", "content", "application/json", "schema"},
		uploadPath + " 403": {"components", "responses", "code_scanning_forbidden_write", "content", "application/json", "schema"},
		uploadPath + " 404": {"components", "responses", "not_found", "content", "application/json", "schema"},
		uploadPath + " 503": {"components", "responses", "service_unavailable", "content", "application/json", "schema"},
		statusPath + " 200": {"paths", statusPath, "get", "responses", "200", "content", "application/json", "schema"},
		statusPath + " 403": {"components", "responses", "code_scanning_forbidden_read", "content", "application/json", "schema"},
		statusPath + " 503": {"components", "responses", "service_unavailable", "content", "application/json", "schema"},
	}
	schemas := map[string]*jsonschema.Schema{}
	for key, pointer := range pointers {
		fragment := ""
		for _, p := range pointer {
			fragment += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
		}
		if schemas[key], err = c.Compile(name + "#" + fragment); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return schemas, nil
}

// nullable rewrites the one word of OpenAPI 3.0 in the description that JSON
// schema does not know.
func nullable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = nullable(x)
		}
		if kind, ok := out["type"].(string); ok && out["nullable"] == true {
			out["type"] = []any{kind, "null"}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = nullable(x)
		}
		return out
	}
	return v
}
