package main

import "github.com/sandsock/sandsock/examples/differential/script"

// search looks for a difference in generated sequences.
type search struct {
	first    uint64                 // the first seed; each sequence has the next
	n        int                    // how many sequences; 0 goes on until a difference is found
	about    func(*difference) bool // which ones count; nil for all
	progress func(done int)         // is told after each batch; nil for nobody
}

// batch is how many sequences run between two looks at the outcomes.
const batch = 50

// run returns the first difference, made short; nil where there is none.
func (f search) run(s *suite) (*difference, error) {
	for done := 0; f.n == 0 || done < f.n; {
		size := batch
		if f.n > 0 {
			size = min(batch, f.n-done)
		}
		found, err := f.batch(s, f.first+uint64(done), size)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			if f.about == nil || f.about(d) {
				return s.shrinkDifference(d)
			}
		}
		done += size
		if f.progress != nil {
			f.progress(done)
		}
	}
	return nil, nil
}

func (f search) batch(s *suite, first uint64, size int) ([]*difference, error) {
	cases := make([]script.Case, size)
	for i := range cases {
		cases[i] = generate(first + uint64(i))
	}
	found, err := s.run(cases)
	if err != nil {
		return nil, err
	}
	return s.steady(found)
}
