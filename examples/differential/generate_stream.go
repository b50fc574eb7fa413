package main

// end is one end of a connection, as the model knows it.
type end struct {
	owner   *party // nil until it is accepted
	other   *end
	pending int  // bytes that have come and were not received
	ended   bool // the other end has ended its sending
	noRead  bool // shut down
	noWrite bool
	broken  bool // reset
	abrupt  bool // closing resets: SO_LINGER is on with 0 seconds
}

// over says that both directions have ended, so that nothing is sent back.
func (e *end) over() bool { return e.broken || e.noWrite && e.ended }

// await waits, at an end that somebody has, for what has just been sent to it.
func (m *maker) await(e *end, what any) {
	if e.owner != nil && !e.owner.closed {
		m.say("%s.await %v", e.owner.name, what)
	}
}

// breakOff resets an end, and waits until it knows.
func (m *maker) breakOff(e *end) {
	if !e.over() {
		e.broken = true
		m.await(e, "error")
	}
}

// finish sends the end of the stream.
func (m *maker) finish(e *end) {
	if e.noWrite || e.broken {
		return
	}
	e.noWrite = true
	if e.other.broken {
		return
	}
	e.other.ended = true
	m.await(e.other, "end")
}

func (m *maker) listen(p *party) bool {
	if !p.stream && !m.chance(4) || p.odd {
		return false
	}
	backlog := m.rng.IntN(3)
	m.say("%s.listen %d", p.name, backlog)
	if p.stream && !p.closed && p.end == nil {
		p.listening, p.bound, p.backlog = true, true, backlog
	}
	return true
}

// connect connects a stream to a listener, or to somebody who does not listen.
func (m *maker) connect(p *party) bool {
	to := m.other(p, func(o *party) bool {
		return o.stream && o.bound && !o.odd && o.end == nil && (o.listening || m.chance(4))
	})
	if !p.stream || p.odd || to == nil {
		return false
	}
	call := pick(m, []string{"connect", "connect_ex"})
	free := !p.closed && p.end == nil && !p.listening
	if free && to.listening && len(to.arrivals) > to.backlog {
		m.connectInVain(p, to, call)
		return true
	}
	m.say("%s.%s %s", p.name, call, to.name)
	if free {
		p.bound = true
		m.connected(p, to)
	}
	return true
}

// connectInVain meets a full backlog. The kernel would try again after a
// second, so the client gives up for good.
func (m *maker) connectInVain(p, to *party, call string) {
	m.say("%s.settimeout %s", p.name, timeoutMode)
	m.say("%s.%s %s", p.name, call, to.name)
	m.say("%s.close", p.name)
	p.closed = true
}

func (m *maker) connected(p, to *party) {
	if p.mode == nonBlockingMode {
		m.say("%s.await out", p.name)
	}
	if to.listening {
		near, far := &end{owner: p, abrupt: p.abrupt}, &end{abrupt: to.abrupt}
		near.other, far.other = far, near
		p.end = near
		to.arrivals = append(to.arrivals, far)
	}
	if p.mode == nonBlockingMode && (!to.listening || m.chance(2)) {
		m.say("%s.connect_ex %s", p.name, to.name) // tells how it went
	}
}

func (m *maker) accept(p *party) bool {
	if !p.stream && !m.chance(6) || !p.stream && p.mode == timeoutMode {
		return false
	}
	if !p.listening || len(p.arrivals) == 0 {
		if p.listening && !m.mayWait(p) {
			return false
		}
		m.say("z = %s.accept", p.name)
		return true
	}
	if len(m.parties) == maxParties+4 {
		return false
	}
	conn := &party{name: m.nextName(), stream: true, mode: blockingMode, bound: true, end: p.arrivals[0]}
	p.arrivals, conn.end.owner = p.arrivals[1:], conn
	m.parties = append(m.parties, conn)
	m.say("%s.await in", p.name)
	m.say("%s = %s.accept", conn.name, p.name)
	m.settle(conn.end)
	return true
}

// settle waits for what was sent before anybody could look.
func (m *maker) settle(e *end) {
	switch {
	case e.broken:
		m.await(e, "error")
	case e.pending > 0:
		m.await(e, e.pending)
	}
	if e.ended && !e.broken {
		m.await(e, "end")
	}
}

// maxPending is far below what any world's buffers hold.
const maxPending = 12000

func (m *maker) send(p *party) bool {
	if !p.stream && p.peer == nil && !m.chance(6) {
		return false
	}
	text, size := m.message()
	if p.end != nil && p.end.other.pending+size > maxPending {
		return false
	}
	call := pick(m, []string{"send", "sendall"})
	m.say("%s.%s %s", p.name, call, text)
	switch {
	case p.closed:
	case !p.stream:
		m.sent(p, p.peer)
	case p.end != nil && size > 0 && !p.end.noWrite && !p.end.broken:
		m.carry(p.end, size)
	}
	return true
}

// carry brings bytes to the other end, or a reset back.
func (m *maker) carry(e *end, size int) {
	to := e.other
	gone := to.owner != nil && to.owner.closed
	if gone || to.noRead && to.noWrite {
		if !gone {
			to.broken = true
		}
		m.breakOff(e)
		return
	}
	to.pending += size
	m.await(to, to.pending)
}

func (m *maker) receive(p *party) bool {
	if !p.stream {
		return false
	}
	size := pick(m, []int{0, 1, 3, 64, 4096})
	call, flags := pick(m, []string{"recv", "recv", "recvfrom"}), pick(m, []string{"", "", " peek"})
	e := p.end
	silent := e != nil && e.pending == 0 && !e.ended && !e.broken && !e.noRead
	switch {
	case p.listening && p.mode == timeoutMode:
		return false // CPython waits first
	case silent && (size == 0 || !m.mayWait(p)):
		return false // Linux ends a recvfrom of 0 bytes at whatever happens next
	}
	m.say("%s.%s %d%s", p.name, call, size, flags)
	if e != nil && !p.closed && flags == "" {
		e.pending -= min(size, e.pending)
	}
	return true
}

func (m *maker) shutdown(p *party) bool {
	how := m.rng.IntN(3)
	if !p.stream {
		how = 1
	}
	m.say("%s.shutdown %d", p.name, how)
	switch {
	case p.closed:
	case !p.stream:
		p.muted = true
	case p.listening && how != 1:
		m.stopListening(p)
	case p.end == nil:
		p.odd = true
	case !p.end.over():
		p.end.noRead = p.end.noRead || how != 1
		if how != 0 {
			m.finish(p.end)
		}
	}
	return true
}

func (m *maker) stopListening(p *party) {
	for _, e := range p.arrivals {
		e.broken = true
		m.breakOff(e.other)
	}
	p.listening, p.arrivals = false, nil
}

func (m *maker) close(p *party) bool {
	if p.closed && !m.chance(3) {
		return false
	}
	m.say("%s.close", p.name)
	if p.closed {
		return true
	}
	p.closed = true
	switch e := p.end; {
	case p.listening:
		m.stopListening(p)
	case e == nil || e.broken:
	case e.pending > 0 || e.abrupt:
		m.breakOff(e.other)
	default:
		m.finish(e)
	}
	return true
}
