package core

import (
	"math"
	"testing"
	"time"
)

func TestTimeoutFromSeconds(t *testing.T) {
	for _, tt := range []struct {
		seconds float64
		want    time.Duration
		err     error
	}{
		{-1, Blocking, nil},
		{math.Inf(-1), Blocking, nil},
		{-1e-300, Blocking, nil},
		{0, NonBlocking, nil},
		{math.Copysign(0, -1), NonBlocking, nil},
		{1e-300, 1, nil},
		{1e-12, 1, nil},
		{1.5, 1500 * time.Millisecond, nil},
		{9.2e9, 9.2e9 * time.Second, nil},
		{9.2e9 + 1, 0, EINVAL},
		{1e300, 0, EINVAL},
		{math.Inf(1), 0, EINVAL},
		{math.NaN(), 0, EINVAL},
	} {
		if got, err := TimeoutFromSeconds(tt.seconds); got != tt.want || err != tt.err {
			t.Errorf("TimeoutFromSeconds(%v) = %v, %v; want %v, %v", tt.seconds, got, err, tt.want, tt.err)
		}
	}
}
