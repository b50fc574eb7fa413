package wasmhost

import (
	"fmt"
	"sync"
	"time"
)

// logRate is what a route's handlers may write to the log together: each
// second as much as the limit, and a line is let through while anything is
// left.
type logRate struct {
	mu    sync.Mutex
	limit int // bytes a second; negative for any number
	left  int
	at    time.Time // when this second began
}

// lineCost is what a line costs beside its text: what the log writes before
// it, or a million empty lines would be free.
const lineCost = 64

// full reports whether no line may come now.
func (l *logRate) full(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limit < 0 {
		return false
	}
	if l.at.IsZero() {
		l.at, l.left = now, l.limit
	}
	if seconds := now.Sub(l.at) / time.Second; seconds > 0 {
		l.at = l.at.Add(seconds * time.Second)
		l.left = int(min(int64(l.left)+int64(seconds)*int64(l.limit), int64(l.limit)))
	}
	return l.left <= 0
}

// is sets another limit, which begins with a second of its own; the same one
// goes on.
func (l *logRate) is(limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit != l.limit {
		l.limit, l.at = limit, time.Time{}
	}
}

// now is the limit.
func (l *logRate) now() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit
}

func (l *logRate) wrote(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left -= len(text) + lineCost
}

// lines are the output of one connection on its way to the log.
type lines struct {
	route        *Route
	entry        Report
	count, bytes int // dropped, not yet told
}

// drop reports whether a line of n bytes has to be, and counts it.
func (l *lines) drop(n int) bool {
	if !l.route.logRate.full(time.Now()) {
		return false
	}
	l.count++
	l.bytes += n
	return true
}

func (l *lines) line(text string) {
	l.tell()
	l.route.logRate.wrote(text)
	entry := l.entry.as(EventOutput)
	entry.Text = text
	l.route.report(entry)
}

// tell says what was dropped, when lines flow again and at the end.
func (l *lines) tell() {
	if l.count == 0 {
		return
	}
	entry := l.entry.as(EventTrouble)
	entry.Error = fmt.Sprintf("dropped %d lines of its output, %d bytes: %d bytes a second is the limit of the log",
		l.count, l.bytes, l.route.logRate.now())
	l.count, l.bytes = 0, 0
	l.route.report(entry)
}
