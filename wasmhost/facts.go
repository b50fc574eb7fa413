package wasmhost

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/tetratelabs/wazero"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// facts are what a host finds out about a file before it is compiled. They are
// kept with the native code, for which the fields are exported.
type facts struct {
	Kind      module.Kind
	Polls     bool
	Minimum   int64
	Fixed     int64
	Fuel      string
	Stack     string
	Snapshots bool
	Snapshot  meter.Snapshot
	Seed      int64
}

func (f facts) plugin(name string, file []byte, engine wazero.Runtime, compiled wazero.CompiledModule) *Plugin {
	return &Plugin{
		name: name, kind: f.Kind, size: len(file), polls: f.Polls, minimum: f.Minimum, fixed: f.Fixed,
		fuel: f.Fuel, stack: f.Stack, snapshots: f.Snapshots, snapshot: f.Snapshot, seed: f.Seed,
		engine: engine, compiled: compiled,
	}
}

// marshal has the segments of data apart, before the rest: a Go guest has
// 20,000, and to read them as JSON would be a tenth of its start.
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
