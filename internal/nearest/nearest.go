// Package nearest finds the word that was meant by one that does not exist.
package nearest

// Of returns the candidate that differs least from word, the first of several,
// or "" where none is close enough to be meant.
func Of(word string, candidates []string) string {
	limit := max(1, len(word)/3)
	best := ""
	for _, c := range candidates {
		if d := distance(word, c, limit); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}

// DidYouMean returns " (did you mean …?)" for a message, or "".
func DidYouMean(word string, candidates []string) string {
	if n := Of(word, candidates); n != "" {
		return " (did you mean " + n + "?)"
	}
	return ""
}

// distance is the number of bytes to insert, remove, change or swap with their
// neighbour to make b of a. Beyond limit the answer is only that it is beyond.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			next[j+1] = min(row[j+1], next[j]) + 1
			if a[i] == b[j] {
				next[j+1] = min(next[j+1], row[j])
			} else {
				next[j+1] = min(next[j+1], row[j]+1)
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
