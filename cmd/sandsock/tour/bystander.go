package tour

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// bystander is the client of a healthy handler beside the attack: it asks
// again and again, and keeps how long it waited.
type bystander struct {
	conn net.Conn
	gone chan struct{}

	mu     sync.Mutex
	asked  time.Time // zero where nothing is asked
	longer time.Duration
}

const pause = 2 * time.Millisecond // between two questions

func newBystander(ctx context.Context, address string) (*bystander, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	b := &bystander{conn: conn, gone: make(chan struct{})}
	if err := b.ask(); err != nil { // the first is of a handler that is not yet at work
		return nil, err
	}
	b.longer = 0
	go b.run()
	return b, nil
}

func (b *bystander) run() {
	defer close(b.gone)
	for b.ask() == nil {
		time.Sleep(pause)
	}
}

func (b *bystander) ask() error {
	b.set(time.Now())
	answer := make([]byte, 5)
	_, err := b.conn.Write([]byte("ping\n"))
	if err == nil {
		_, err = io.ReadFull(b.conn, answer)
	}
	if err == nil && !bytes.Equal(answer, []byte("PING\n")) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		b.set(time.Time{})
	}
	return err
}

// set begins or ends a question.
func (b *bystander) set(asked time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if asked.IsZero() {
		b.longer = max(b.longer, time.Since(b.asked))
	}
	b.asked = asked
}

// waiting is how long it waits for the answer to come.
func (b *bystander) waiting() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked.IsZero() {
		return 0
	}
	return time.Since(b.asked)
}

// over reports whether it can ask no more.
func (b *bystander) over() bool {
	select {
	case <-b.gone:
		return true
	default:
		return false
	}
}

// worst is the longest it waited for an answer that came.
func (b *bystander) worst() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.longer
}

func (b *bystander) close() {
	_ = b.conn.Close()
	<-b.gone
}
