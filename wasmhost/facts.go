package wasmhost

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// facts are what a host finds out about a file before it is compiled. They are
// kept with the native code, for which the fields are exported.
type facts struct {
	Kind        module.Kind
	Polls       bool   // see polls.go
	Minimum     int64  // bytes of memory an instance begins with
	Fixed       int64  // bytes it costs beside
	Fuel, Stack string // the exported globals of package meter
	// Snapshots says that instances begin from a snapshot, with what package
	// meter has injected for it.
	Snapshots bool
	Snapshot  meter.Snapshot
	Seed      int64 // random bytes that its language's runtime draws at the start
}

// marshal has the segments of data apart, before the rest: of a Go guest they
// are most of a megabyte, which JSON would have as text, to be read and copied
// at each start.
func (f facts) marshal() ([]byte, error) {
	segments := binary.AppendUvarint(nil, uint64(len(f.Snapshot.Data)))
	for _, d := range f.Snapshot.Data {
		segments = binary.AppendUvarint(segments, uint64(d.Offset))
		segments = binary.AppendUvarint(segments, uint64(len(d.Bytes)))
		segments = append(segments, d.Bytes...)
	}
	f.Snapshot.Data = nil
	rest, err := json.Marshal(f)
	return append(segments, rest...), err
}

var errFacts = errors.New("what is known of the file is not whole")

// unmarshal leaves the segments where they are in kept.
func (f *facts) unmarshal(kept []byte) error {
	next := func() uint64 {
		n, size := binary.Uvarint(kept)
		kept = kept[max(size, 0):]
		return n
	}
	count := next()
	if count > uint64(len(kept)) {
		return errFacts
	}
	data := make([]meter.Data, count)
	for i := range data {
		offset, size := next(), next()
		if size > uint64(len(kept)) {
			return errFacts
		}
		data[i] = meter.Data{Offset: uint32(offset), Bytes: kept[:size:size]}
		kept = kept[size:]
	}
	err := json.Unmarshal(kept, f)
	f.Snapshot.Data = data
	return err
}
