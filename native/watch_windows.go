package native

import (
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// watch is one wait for events, begun by startWatch. The driver writes into it
// until it is over, whoever still looks at it: it is pinned as long.
type watch struct {
	overlapped windows.Overlapped // first, so that its address is the watch's
	poll       *afdPoll
	pins       runtime.Pinner
	over       chan struct{} // closed when the request has ended, as it also does when cut short
}

// poller is the one thread of the process that waits: all requests end in its
// completion port. It is started by the first wait and runs for good, as Go's
// own does.
type poller struct {
	device, port windows.Handle
}

var startPoller = sync.OnceValues(func() (*poller, error) {
	device, err := openAfd(0)
	if err != nil {
		return nil, err
	}
	port, err := windows.CreateIoCompletionPort(device, 0, 0, 1)
	if err != nil {
		_ = windows.CloseHandle(device)
		return nil, err
	}
	p := &poller{device: device, port: port}
	go p.run()
	return p, nil
})

func (p *poller) run() {
	for {
		var size uint32
		var key uintptr
		var overlapped *windows.Overlapped
		_ = windows.GetQueuedCompletionStatus(p.port, &size, &key, &overlapped, windows.INFINITE)
		if overlapped != nil {
			w := (*watch)(unsafe.Pointer(overlapped))
			w.pins.Unpin()
			close(w.over)
		}
	}
}

// startWatch begins to wait for the events. The caller holds the sockets until
// it returns, no longer.
func startWatch(wants map[windows.Handle]uint32) (*watch, error) {
	p, err := startPoller()
	if err != nil {
		return nil, err
	}
	w := &watch{poll: newAfdPoll(wants, forever), over: make(chan struct{})}
	w.pins.Pin(w)
	w.pins.Pin(&w.poll.in[0])
	w.pins.Pin(&w.poll.out[0])
	if err := w.poll.submit(p.device, &w.overlapped); err != nil && err != windows.ERROR_IO_PENDING {
		w.pins.Unpin()
		return nil, err
	}
	return w, nil // a request that ended at once is told by the port too
}

// stop ends the wait, if it still goes on, and does not wait for that. A nil
// watch waits for nothing.
func (w *watch) stop() {
	if w == nil {
		return
	}
	if p, err := startPoller(); err == nil {
		_ = windows.CancelIoEx(p.device, &w.overlapped)
	}
}

// wait returns when the watch is over, one of the other channels has
// something, or the deadline has come, which alone it reports as false. A nil
// watch or channel and the zero deadline never end it. The watch is stopped.
func (w *watch) wait(woken, ended <-chan struct{}, deadline time.Time) bool {
	var late <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		late = timer.C
	}
	var over chan struct{}
	if w != nil {
		over = w.over
	}
	select {
	case <-over:
		return true
	case <-woken:
	case <-ended:
	case <-late:
		w.stop()
		return false
	}
	w.stop()
	return true
}
