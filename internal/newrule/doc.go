// Package newrule holds a program, main.go, that writes the files of a new
// rule:
//
//	go run internal/newrule/main.go FAMILY/NAME
//
// It carries a build constraint, so that go install ./... leaves it out.
package newrule
