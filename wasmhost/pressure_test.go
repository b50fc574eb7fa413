package wasmhost

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestWhatIsTakenWhileTheTimerLooksIsLookedAt: the look that is under way may
// have found that all is well before it was taken, and ends the watch.
func TestWhatIsTakenWhileTheTimerLooksIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pressure
		looks := 0
		p.relieve = func() (more bool) {
			if looks++; looks == 1 {
				p.watch()
			}
			return false
		}
		p.watch()
		time.Sleep(10 * looksEvery)
		synctest.Wait()
		if looks != 2 {
			t.Errorf("it looked %d times, want 2", looks)
		}
		p.watch()
		time.Sleep(10 * looksEvery)
		synctest.Wait()
		if looks != 3 {
			t.Errorf("asked again, it looked %d times, want 3", looks)
		}
	})
}
