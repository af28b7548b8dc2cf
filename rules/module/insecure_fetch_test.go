package module

import "testing"

func TestHosts(t *testing.T) {
	for host, want := range map[string]struct{ loopback, private bool }{
		"localhost":            {true, true},
		"proxy.localhost":      {true, false},
		"127.0.0.1":            {true, false},
		"::1":                  {true, false},
		"127.example.com":      {false, false},
		"10.1.2.3":             {false, true},
		"172.16.0.1":           {false, true},
		"172.32.0.1":           {false, false},
		"10.example.com":       {false, false},
		"athens":               {false, true},
		"goproxy.default.svc":  {false, true},
		"goproxy.example.com":  {false, false},
		"goproxy.corp.example": {false, false},
	} {
		if got := loopback(host); got != want.loopback {
			t.Errorf("loopback(%q) = %v", host, got)
		}
		if got := private(host); got != want.private {
			t.Errorf("private(%q) = %v", host, got)
		}
	}
}
