module github.com/goseaworthy/seaworthy

// One release below the two that are supported today: people install the hook
// and the action with their own Go. It is also the line from which on the
// runtime sizes GOMAXPROCS by the CPU limit of the container it runs in.
go 1.25.0

require mvdan.cc/sh/v3 v3.13.1 // indirect
