package socket

import (
	"context"
	"structs"
	"time"
	"unsafe"

	"github.com/sandsock/sandsock/core"
)

// pollEntry is one entry of the host's poll, laid out as the guest contract
// says. A negative descriptor is passed over.
type pollEntry struct {
	_       structs.HostLayout
	fd      int32
	events  int16
	revents int16
}

// fewEntries is how many entries need no allocation.
const fewEntries = 16

// Poll waits for one of several sockets, at most [core.PollMax]: EINVAL where
// there are more, ENOTSOCK for a socket of another network. A context's
// deadline bounds the wait; nothing else can end it, since nothing else runs.
func (Network) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	if len(list) > core.PollMax {
		return 0, core.EINVAL
	}
	var few [fewEntries]pollEntry
	entries := few[:0]
	if len(list) > fewEntries {
		entries = make([]pollEntry, 0, len(list))
	}
	for i := range list {
		entry, err := newEntry(list[i].Socket, list[i].Events)
		if err != nil {
			return 0, err
		}
		if isClosed(list[i].Socket) {
			timeout = core.NonBlocking // there is something to report
		}
		entries = append(entries, entry)
	}
	ready, err := waitFor(ctx, entries, timeout)
	if err != nil {
		return 0, err
	}
	for i := range list {
		list[i].Revents = entries[i].revents
		if isClosed(list[i].Socket) {
			list[i].Revents = core.POLLNVAL
			ready++
		}
	}
	return ready, nil
}

// newEntry returns the entry for the host, which passes over a socket that is
// closed: it knows it no more.
func newEntry(asked core.Socket, events int16) (pollEntry, error) {
	if asked == nil {
		return pollEntry{fd: -1}, nil
	}
	s, ours := asked.(*conn)
	switch {
	case !ours:
		return pollEntry{}, core.ENOTSOCK
	case s.fd >= 0 && s.canceled:
		return pollEntry{}, core.ECANCELED
	}
	return pollEntry{fd: s.fd, events: events}, nil
}

func isClosed(asked core.Socket) bool {
	return asked != nil && asked.Fileno() < 0
}

// waitFor calls the host, for no longer than the context lasts.
func waitFor(ctx context.Context, entries []pollEntry, timeout time.Duration) (int, error) {
	left, ended := timeLeft(ctx)
	if ended {
		return 0, core.ECANCELED
	}
	shortened := left >= 0 && (timeout < 0 || left < timeout)
	if shortened {
		timeout = left
	}
	ready, err := count(hostPoll(unsafe.SliceData(entries), uint32(len(entries)), seconds(timeout)))
	if err == nil && ready == 0 && shortened {
		return 0, core.ECANCELED
	}
	return ready, err
}
