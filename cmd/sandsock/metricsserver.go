package main

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// metricsServer answers Prometheus; nil where nobody wants it.
type metricsServer struct {
	http *http.Server
	over chan struct{}
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
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addresses[0]))
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
	m := answerHTTP(listener, mux)
	if !c.flags.json {
		c.journal.say("metrics on http://%s/metrics", typed(listener.Addr().(*net.TCPAddr).AddrPort()))
	}
	return m, nil
}

// answerHTTP answers no more than 16 at once, each for ten seconds: one who does
// not read or write keeps nobody else waiting for longer, and no route ever.
func answerHTTP(listener net.Listener, handler http.Handler) *metricsServer {
	const patience = 10 * time.Second
	const clients = 16
	m := &metricsServer{
		http: &http.Server{
			Handler: handler, ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: patience, MaxHeaderBytes: 16 << 10,
		},
		over: make(chan struct{}),
	}
	go func() {
		defer close(m.over)
		_ = m.http.Serve(limitedListener{listener, make(chan struct{}, clients)})
	}()
	return m
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
		<-m.over
	}
}
