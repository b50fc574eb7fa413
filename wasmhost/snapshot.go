package wasmhost

import (
	"context"
	"sync"

	"github.com/sandsock/sandsock/wasmhost/image"
)

// snapshot is the state of a version's plugin once it is initialized, from which
// every connection begins, and the vessels that wait for the next.
type snapshot struct {
	plugin  *Plugin
	image   *image.Image
	globals []uint64
	vectors [][2]uint64 // the lower half first

	mu     sync.Mutex
	idle   []vessel // their state is the snapshot's
	closed bool
}

// maxIdle is how many vessels wait at most. One more costs what instantiating
// does.
const maxIdle = 256

// takeSnapshot initializes a version's plugin once. Where its state cannot be
// kept, or it asks for a plain instance each time, there is none.
func (r *Route) takeSnapshot(ctx context.Context, version *version) error {
	return r.probe(ctx, version, func(g *instance) (err error) {
		g.founds = version.plugin.facts.Snapshots
		if err = g.initialize(); err == nil && version.plugin.facts.Snapshots {
			version.snapshot, err = g.snapshotOf(version.plugin)
		}
		if version.snapshot != nil {
			r.warnShared(version, g.drawn)
		}
		return err
	})
}

// snapshotOf keeps the state of an instance that has initialized itself; nil
// where that cannot be.
func (g *instance) snapshotOf(p *Plugin) (*snapshot, error) {
	v := &g.vessel
	v.findState(p)
	if v.dirty != nil && v.dirty.Get() != 0 {
		return nil, nil // it has done what cannot be put back: each instance does so again
	}
	memory, _ := g.memory.Read(0, g.memory.Size())
	kept, err := image.New(memory)
	if err != nil {
		return nil, err
	}
	s := &snapshot{plugin: p, image: kept}
	for _, global := range v.globals {
		s.globals = append(s.globals, global.Get())
	}
	if s.vectors, err = v.vectors(p); err != nil {
		kept.Close()
		return nil, err
	}
	return s, nil
}

// vectors are the values of the globals of v128, of which the engine lends only
// half.
func (v *vessel) vectors(p *Plugin) (values [][2]uint64, err error) {
	if p.facts.Snapshot.Vectors == 0 {
		return nil, nil
	}
	get := v.module.ExportedFunction(p.facts.Snapshot.GetVector)
	for i := range p.facts.Snapshot.Vectors {
		halves, err := get.Call(context.Background(), uint64(i))
		if err != nil {
			return nil, err
		}
		values = append(values, [2]uint64(halves))
	}
	return values, nil
}

// setGlobals makes a vessel's globals those of the snapshot.
func (s *snapshot) setGlobals(v *vessel) error {
	for i, global := range v.globals {
		global.Set(s.globals[i])
	}
	for i, halves := range s.vectors {
		params := [...]uint64{uint64(i), halves[0], halves[1]}
		if err := v.setVector.CallWithStack(context.Background(), params[:]); err != nil {
			return err
		}
	}
	return nil
}

// findState finds the globals that are a vessel's state.
func (v *vessel) findState(p *Plugin) {
	v.globals = v.globals[:0]
	for _, name := range p.facts.Snapshot.Globals {
		v.globals = append(v.globals, mutable(v.module, name))
	}
	if p.facts.Snapshot.Vectors > 0 {
		v.setVector = v.module.ExportedFunction(p.facts.Snapshot.SetVector)
	}
	if p.facts.Snapshot.Dirty != "" {
		v.dirty = v.module.ExportedGlobal(p.facts.Snapshot.Dirty)
	}
}

// resume makes the instance begin where the snapshot was taken.
func (g *instance) resume(s *snapshot) error {
	if err := g.space.enter(); err != nil {
		return err
	}
	v, waiting := s.take()
	if waiting {
		g.vessel = v
		g.linear.space = g.space
		g.fuel.Set(0)
		g.stack.Set(uint64(g.shallow()))
	} else if err := g.instantiateCopy(s); err != nil {
		return err
	}
	g.copied.Store(g.linear.copy)
	g.initializing = false
	return nil
}

// instantiateCopy makes a vessel whose memory is a copy of the image.
func (g *instance) instantiateCopy(s *snapshot) error {
	memory, err := s.image.Copy()
	if err != nil {
		return err
	}
	if err := g.instantiateModule(&linear{space: g.space, copy: memory}); err != nil {
		memory.Close()
		return err
	}
	g.vessel.findState(s.plugin)
	return s.setGlobals(&g.vessel)
}

// take returns a vessel that waits.
func (s *snapshot) take() (v vessel, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return v, false
	}
	v = s.idle[last]
	s.idle[last] = vessel{}
	s.idle = s.idle[:last]
	return v, true
}

// put gives a vessel back once it is as the snapshot is; it reports whether it
// was kept.
func (s *snapshot) put(v vessel) bool {
	if !s.restore(&v) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.idle) == maxIdle {
		return false
	}
	s.idle = append(s.idle, v)
	return true
}

// restore puts all state of a vessel back: false where something changed that
// cannot be.
func (s *snapshot) restore(v *vessel) bool {
	if v.linear.copy == nil || int(v.memory.Size()) != s.image.Len() || v.dirty != nil && v.dirty.Get() != 0 {
		return false
	}
	if v.linear.copy.Reset() != nil || s.setGlobals(v) != nil {
		return false
	}
	if v.deep {
		v.handle, v.deep = nil, false
	}
	return true
}

// thin ends the vessels that wait, where no connection comes for them. Those at
// work end with their connections.
func (s *snapshot) thin() {
	if s == nil {
		return
	}
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, v := range idle {
		closeModule(v.module)
	}
}

// close is the end of the snapshot; it may come twice.
func (s *snapshot) close() {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if !again {
		s.thin()
		s.image.Close()
	}
}
