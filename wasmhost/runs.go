package wasmhost

import (
	"cmp"
	"slices"

	"github.com/sandsock/sandsock/wasmhost/meter"
)

// mostGap is how many zeros between two segments are cheaper to keep and to copy
// than another segment is, in bytes.
const mostGap = 64

// runs are the same data in fewer segments: Go's linker leaves out every few
// zeros, and makes 28,000 segments of a program. Where one lies over another,
// they stay as they are, since then their order matters.
func runs(data []meter.Data) []meter.Data {
	sorted := slices.Clone(data)
	slices.SortStableFunc(sorted, func(a, b meter.Data) int { return cmp.Compare(a.Offset, b.Offset) })
	if overlap(sorted) {
		return data
	}
	var all []meter.Data
	for _, d := range sorted {
		if len(all) > 0 {
			last := &all[len(all)-1]
			if gap := int64(d.Offset) - end(*last); gap <= mostGap {
				last.Bytes = append(append(last.Bytes, zeros[:gap]...), d.Bytes...)
				continue
			}
		}
		all = append(all, meter.Data{Offset: d.Offset, Bytes: slices.Clip(d.Bytes)})
	}
	return all
}

var zeros [mostGap]byte

func overlap(sorted []meter.Data) bool {
	for i := 1; i < len(sorted); i++ {
		if int64(sorted[i].Offset) < end(sorted[i-1]) {
			return true
		}
	}
	return false
}

func end(d meter.Data) int64 { return int64(d.Offset) + int64(len(d.Bytes)) }
