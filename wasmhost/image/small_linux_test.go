package image

import "testing"

func TestManySmallCopiesShareFewMappings(t *testing.T) {
	i, _ := newImage(t, 64<<10)
	const n = 1000
	for range n {
		newCopy(t, i)
	}
	if most := n * i.Len() / slab; len(i.small.slabs) > most+1 {
		t.Errorf("%d copies have %d mappings", n, len(i.small.slabs))
	}
}

func TestMemoriesThatAreLentOutliveTheImage(t *testing.T) {
	i, err := New(make([]byte, 64<<10))
	if err != nil {
		t.Fatal(err)
	}
	c := newCopy(t, i)
	i.Close()
	c.Bytes[0]++ // a fault, were it unmapped
	if c.Close(); i.small.slabs != nil {
		t.Error("the last copy leaves its mapping behind")
	}
}
