package memnet

// The states of tcp_info, Linux's numbers, see net/tcp_states.h.
const (
	tcpEstablished = 1
	tcpSynSent     = 2
	tcpFinWait2    = 5
	tcpClose       = 7
	tcpCloseWait   = 8
	tcpListen      = 10
)

// info is the prefix of struct tcp_info that means something without a wire:
// tcpi_state and seven bytes of 0.
func (s *socket) info() []byte {
	return []byte{s.tcpState(), 0, 0, 0, 0, 0, 0, 0}
}

func (s *socket) tcpState() byte {
	switch {
	case s.state == listening:
		return tcpListen
	case s.state == connecting:
		return tcpSynSent
	case s.state != connected || s.gone:
		return tcpClose
	case s.fin:
		return tcpFinWait2
	case s.ended:
		return tcpCloseWait
	}
	return tcpEstablished
}
