package source

// Problem is a place at which a file does not follow its format. Parsers
// collect problems and go on; they never fail.
type Problem struct {
	At   Span
	Text string // what is wrong, in the words of the program that reads such files where it has any
}
