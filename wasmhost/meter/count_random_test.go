package meter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// slack is what a count may be beyond twice of what was executed: what a call
// that ends early was charged for.
const slack = 512

func TestACountIsWithinTwiceOfWhatGeneratedModulesExecute(t *testing.T) {
	p := newPair(t)
	var w worst
	for seed := range seedsOf(400) {
		m, _ := generated(t, seed)
		rewritten, err := p.start(Rewrite(m, Options{DispatchFrom: 1}), seed)
		if err != nil {
			continue
		}
		counted, err := p.start(counting(m), seed)
		check(t, err)
		random := rand.New(rand.NewPCG(seed, 4))
		for _, name := range exportedFunctions(m) {
			params := arguments(random, rewritten.module.ExportedFunction(name).Definition().ParamTypes())
			used, err := p.spent(rewritten, name, params)
			if err != nil {
				break // what a trap cuts off was charged
			}
			executed, err := p.spent(counted, name, params)
			if err != nil {
				t.Fatalf("seed %d: %s%x: counted it ends by %v", seed, name, params, err)
			}
			w.note(t, fmt.Sprintf("seed %d: %s%x", seed, name, params), executed, used)
		}
		check(t, errors.Join(rewritten.module.Close(p.ctx), counted.module.Close(p.ctx)))
	}
	w.log(t)
}

// worst is the count that is furthest from what was executed.
type worst struct {
	calls          int
	ratio          float64
	executed, used int64
}

// note holds one count against what was executed. Ratios of short calls say
// little.
func (w *worst) note(t *testing.T, call string, executed, used int64) {
	t.Helper()
	w.calls++
	if used < executed || used > 2*executed+slack {
		t.Errorf("%s: %d instructions count as %d", call, executed, used)
	}
	if ratio := float64(used) / float64(executed); executed >= 1000 && ratio > w.ratio {
		w.ratio, w.executed, w.used = ratio, executed, used
	}
}

func (w *worst) log(t *testing.T) {
	t.Logf("%d calls: at worst %d instructions count as %d, %.3f times as many, where there are a thousand or more",
		w.calls, w.executed, w.used, w.ratio)
}

// spent is the fuel that a call takes.
func (p *pair) spent(v *variant, name string, params []uint64) (int64, error) {
	before := v.given - int64(v.fuel.Get())
	_, err := p.call(v, name, params)
	return v.given - int64(v.fuel.Get()) - before, err
}
