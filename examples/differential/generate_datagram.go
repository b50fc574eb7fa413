package main

// The model of datagrams: who hears one, and who is told that nobody does.

// hears says whether a datagram from one party reaches another.
func hears(from, to *party) bool {
	return to.bound && !to.closed && (to.peer == nil || to.peer == from)
}

// sent notes a datagram from p, which a call has just sent unless an error
// was waiting.
func (m *maker) sent(p, to *party) {
	if p.refused {
		p.refused = false
		return
	}
	if to == nil || p.muted {
		return
	}
	p.bound = true
	switch {
	case hears(p, to):
		if to.queued++; to.queued == 1 {
			m.say("%s.await in", to.name)
		}
	case p.peer == to:
		p.refused = true
		m.say("%s.await error", p.name)
	}
}

func (m *maker) sendTo(p *party) bool {
	to := m.other(nil, func(o *party) bool { return !o.stream && o.bound })
	if p.stream || to == nil {
		return false
	}
	text, _ := m.message()
	m.say("%s.sendto %s %s", p.name, text, to.name)
	if !p.closed {
		m.sent(p, to)
	}
	return true
}

func (m *maker) connectDatagram(p *party) bool {
	to := m.other(p, func(o *party) bool { return !o.stream && o.bound })
	if p.stream || to == nil {
		return false
	}
	m.say("%s.%s %s", p.name, pick(m, []string{"connect", "connect_ex"}), to.name)
	if !p.closed {
		p.peer, p.bound = to, true
	}
	return true
}

func (m *maker) receiveDatagram(p *party) bool {
	if p.stream || p.queued == 0 && !p.refused && !p.closed && !m.mayWait(p) {
		return false
	}
	call, flags := pick(m, []string{"recv", "recvfrom"}), pick(m, []string{"", "", " peek"})
	m.say("%s.%s %d%s", p.name, call, pick(m, []int{1, 3, 64, 4096}), flags)
	switch {
	case p.refused:
		p.refused = false
	case p.queued > 0 && flags == "":
		p.queued--
	}
	return true
}
