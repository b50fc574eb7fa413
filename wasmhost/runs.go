package wasmhost

import "github.com/sandsock/sandsock/wasmhost/meter"

// mostGap is how many zeros between two segments are cheaper to keep and to copy
// than another segment is, in bytes.
const mostGap = 64

// runs are the same data in fewer segments: Go's linker leaves out every few
// zeros, and makes 20,000 segments of a program. Where they are not in the order
// of their places, one may lie over another, and they stay as they are.
func runs(data []meter.Data) []meter.Data {
	if !ascend(data) {
		return data
	}
	var all []meter.Data
	for _, d := range data {
		if len(all) > 0 {
			last := &all[len(all)-1]
			if gap := int64(d.Offset) - end(*last); gap <= mostGap {
				last.Bytes = append(append(last.Bytes, make([]byte, gap)...), d.Bytes...)
				continue
			}
		}
		all = append(all, meter.Data{Offset: d.Offset, Bytes: d.Bytes[:len(d.Bytes):len(d.Bytes)]})
	}
	return all
}

func ascend(data []meter.Data) bool {
	for i := 1; i < len(data); i++ {
		if int64(data[i].Offset) < end(data[i-1]) {
			return false
		}
	}
	return true
}

func end(d meter.Data) int64 { return int64(d.Offset) + int64(len(d.Bytes)) }
