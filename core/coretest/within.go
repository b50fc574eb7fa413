package coretest

import (
	"testing"
	"time"
)

// Within is what comes from a channel, or the zero value once it is closed. It
// fails a test where that takes longer than a bound, which is to be far above
// need.
func Within[T any](t testing.TB, bound time.Duration, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(bound):
		t.Fatal("it does not come")
	}
	return v
}

// Eventually returns once something holds of which nobody tells: it looks every
// millisecond. Where that takes longer than the bound it fails the test, with a
// complaint.
func Eventually(t testing.TB, bound time.Duration, complaint string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.After(bound); !holds(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal(complaint)
		}
	}
}
