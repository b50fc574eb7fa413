package main

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/core"
)

// metricsServer answers Prometheus; nil where nobody wants it.
type metricsServer struct {
	listener *net.TCPListener
	accepts  net.Listener
	http     *http.Server
	working  sync.WaitGroup
}

func (c *controlled) openMetrics() (*metricsServer, error) {
	wanted := c.flags.control.metrics
	if wanted.text == "" {
		return nil, nil
	}
	cannot := func(err error) error {
		return &failure{code: exitFailed, text: "cannot tell metrics on " + wanted.text + ": " + err.Error(), next: "choose another address with --metrics, port 0 picks a free one"}
	}
	addresses, err := wanted.resolve(c.app.drain, c.app.network)
	if err != nil {
		return nil, cannot(err)
	}
	listener, err := c.listenForMetrics(addresses[0])
	if err != nil {
		var number syscall.Errno
		if errors.As(err, &number) {
			err = number // without the words of Go's net
		}
		return nil, cannot(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write([]byte(metricsText(c.status())))
	})
	m := newMetricsServer(listener, mux)
	if !c.flags.json {
		c.journal.say("metrics on http://%s/metrics", typed(listener.Addr().(*net.TCPAddr).AddrPort()))
	}
	return m, nil
}

// listenForMetrics listens on the socket that was handed over, or on a new one.
func (c *controlled) listenForMetrics(address netip.AddrPort) (*net.TCPListener, error) {
	if c.metricsOn != nil {
		return listenerOf(c.metricsOn)
	}
	return net.ListenTCP("tcp", net.TCPAddrFromAddrPort(address))
}

// metricsProtocol names the metrics' socket in a handover.
const metricsProtocol = "metrics://"

func metricsName(e endpointFlag) string { return metricsProtocol + e.text }

// wantedMetrics is where to listen for the metrics. Where its name comes to no
// address, openMetrics tells.
func (s *service) wantedMetrics() inherit.Wanted {
	e := s.flags.control.metrics
	w := inherit.Wanted{Type: core.SOCK_STREAM, Metrics: true, Name: inherit.NameOf(metricsName(e))}
	if addresses, err := e.resolve(s.app.drain, s.app.network); err == nil {
		w.Address = addresses[0]
	}
	return w
}

// newMetricsServer answers no more than 16 at once, each for ten seconds: one who
// does not read or write keeps nobody else waiting for longer, and no route ever.
// It begins with begin.
func newMetricsServer(listener *net.TCPListener, handler http.Handler) *metricsServer {
	const patience = 10 * time.Second
	const clients = 16
	return &metricsServer{
		listener: listener,
		accepts:  limitedListener{listener, make(chan struct{}, clients)},
		http: &http.Server{
			Handler: handler, ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: patience, MaxHeaderBytes: 16 << 10,
		},
	}
}

func (m *metricsServer) begin() {
	if m != nil {
		m.working.Go(func() { _ = m.http.Serve(m.accepts) })
	}
}

// resign leaves who comes to another process that has the socket, too.
func (m *metricsServer) resign() {
	m.http.SetKeepAlivesEnabled(false)
	_ = m.listener.Close()
}

// limitedListener accepts no more connections than its channel has room for,
// until some of them are closed.
type limitedListener struct {
	net.Listener
	open chan struct{}
}

func (l limitedListener) Accept() (net.Conn, error) {
	l.open <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConn{Conn: c, leave: sync.OnceFunc(func() { <-l.open })}, nil
}

type limitedConn struct {
	net.Conn
	leave func()
}

func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

func (m *metricsServer) close() {
	if m != nil {
		_ = m.http.Close()
		_ = m.listener.Close() // where it never began
		m.working.Wait()
	}
}
