package main

import (
	"context"
	"sync"
)

// spareCompiler is a compiler one of whose processes is there before its file:
// to start it takes longer than to compile a small plugin. It may be used from
// any number of goroutines.
type spareCompiler struct {
	compiler
	starting sync.WaitGroup

	mu    sync.Mutex
	keeps bool
	spare *compilerProcess
}

// keep begins to keep a process ready.
func (s *spareCompiler) keep() {
	s.mu.Lock()
	s.keeps = true
	s.mu.Unlock()
	s.restock()
}

// restock starts the next, without waiting for it. That it fails shows when
// there is something to compile.
func (s *spareCompiler) restock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeps {
		return
	}
	s.starting.Go(func() {
		if p, err := s.start(true); err == nil && !s.put(p) {
			p.end()
		}
	})
}

// put makes a process the spare one; false where there is one, or none is
// wanted any more.
func (s *spareCompiler) put(p *compilerProcess) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeps || s.spare != nil {
		return false
	}
	s.spare = p
	return true
}

// take returns the spare process, if it is there.
func (s *spareCompiler) take() *compilerProcess {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.spare
	s.spare = nil
	return p
}

// compile does what [wasmhost.Config.Compile] is for, in the spare process or in
// one that it starts.
func (s *spareCompiler) compile(ctx context.Context, dir string, file []byte) error {
	defer s.restock()
	p := s.take()
	if p != nil && p.gone() {
		p.end()
		p = nil
	}
	if p == nil {
		return s.compiler.compile(ctx, dir, file)
	}
	return s.compileIn(ctx, p, dir, file)
}

// close ends the process that is kept, and keeps none any more.
func (s *spareCompiler) close() {
	s.mu.Lock()
	s.keeps = false
	s.mu.Unlock()
	s.starting.Wait()
	if p := s.take(); p != nil {
		p.end()
	}
}
