package wasmhost

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/meter"
)

// laidOut is a memory with data in it.
func laidOut(data []meter.Data) []byte {
	memory := make([]byte, 4096)
	for _, d := range data {
		copy(memory[d.Offset:], d.Bytes)
	}
	return memory
}

func TestRunsAreTheSameDataInFewerSegments(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		var data []meter.Data
		for at := random.IntN(100); at < 3000; at += random.IntN(2 * mostGap) {
			d := meter.Data{Offset: uint32(at), Bytes: bytes.Repeat([]byte{byte(1 + random.IntN(255))}, random.IntN(100))}
			at += len(d.Bytes)
			data = append(data, d)
		}
		if random.IntN(2) == 0 {
			random.Shuffle(len(data), func(i, j int) { data[i], data[j] = data[j], data[i] })
		}
		if random.IntN(3) == 0 { // one over another
			data = append(data, meter.Data{Offset: data[0].Offset, Bytes: []byte{0, 0, 0}})
		}
		want := laidOut(data)
		got := runs(data)
		if !bytes.Equal(laidOut(got), want) || len(got) > len(data) {
			t.Fatalf("%d segments became %d others", len(data), len(got))
		}
	}
}

func TestRunsEndWhereManyZerosFollow(t *testing.T) {
	a, b := []byte{1}, []byte{2}
	far := []meter.Data{{Offset: 8, Bytes: a}, {Offset: 9 + mostGap + 1, Bytes: b}}
	if got := runs(far); !reflect.DeepEqual(got, far) {
		t.Errorf("they became %v", got)
	}
	near := []meter.Data{{Offset: 8, Bytes: a}, {Offset: 9 + mostGap, Bytes: b}}
	want := append(append([]byte{1}, make([]byte, mostGap)...), 2)
	if got := runs(near); len(got) != 1 || got[0].Offset != 8 || !bytes.Equal(got[0].Bytes, want) {
		t.Errorf("they became %v", got)
	}
	if a[0] != 1 || len(near) != 2 || len(near[0].Bytes) != 1 {
		t.Error("what was given is not as it was")
	}
}
