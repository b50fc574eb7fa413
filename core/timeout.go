package core

import (
	"math"
	"time"
)

// maxSeconds is the longest timeout: about 292 years, what a time.Duration
// holds.
const maxSeconds = 9.2e9

// TimeoutFromSeconds turns a guest's timeout into a duration: negative is
// [Blocking], 0 and -0 [NonBlocking], and the rest is rounded up to a
// nanosecond, as CPython does. NaN, infinity and more than 9.2e9 are EINVAL.
func TimeoutFromSeconds(seconds float64) (time.Duration, error) {
	switch {
	case math.IsNaN(seconds) || math.IsInf(seconds, 1) || seconds > maxSeconds:
		return 0, EINVAL
	case seconds < 0:
		return Blocking, nil
	}
	return time.Duration(math.Ceil(seconds * 1e9)), nil
}

// TimeoutSeconds turns a duration into the seconds a guest sees, -1 for none.
func TimeoutSeconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return d.Seconds()
}
