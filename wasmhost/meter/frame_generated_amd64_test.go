package meter

import (
	"strconv"
	"testing"
)

func TestNoFrameOfAGeneratedModuleIsAboveItsEstimate(t *testing.T) {
	for seed := range seedsOf(160) {
		m, _ := generated(t, seed)
		t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) { compareFrames(t, m) })
	}
}
