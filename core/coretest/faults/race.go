//go:build race

package faults

// slower is how much the race detector may slow a host down, of which the
// promise to its neighbours is not made. See go.dev/doc/articles/race_detector.
const slower = 10
