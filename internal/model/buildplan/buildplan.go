package buildplan

type Binary struct{}
