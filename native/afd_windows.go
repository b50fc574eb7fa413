package native

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Winsock's documented ways to wait block a thread, or need an overlapped
// request for every kind of call. Under select and WSAPoll lies one request of
// the socket driver, \Device\Afd, which waits for any number of sockets at
// once and can itself be overlapped. Microsoft does not document it; libuv
// (src/win/poll.c), wepoll and tokio's mio stand on it, and Wine's tests, made
// to pass on Windows, say what it does (dlls/ws2_32/tests/afd.c). It tells
// apart what WSAPoll mixes, the peer's end from a reset, and it reports a
// failed connect, which WSAPoll does since Windows 10 version 2004 only
// (WSAPoll function, Remarks).
const ioctlAfdPoll = 0x00012024

// The driver's events. Each is reported as long as its state holds, as select
// needs it; a failed connect until the next one.
const (
	afdReceive     = 0x001
	afdExpedited   = 0x002 // urgent data
	afdSend        = 0x004
	afdDisconnect  = 0x008 // the peer has ended its direction
	afdAbort       = 0x010 // reset, by either side
	afdLocalClose  = 0x020 // reported unasked
	afdAccept      = 0x080
	afdConnectFail = 0x100
)

// afdPollHead is followed by count entries.
type afdPollHead struct {
	timeout   int64 // 0 not to wait; else see forever
	count     uint32
	exclusive uint32
}

type afdPollEntry struct {
	handle windows.Handle
	events uint32
	status int32
}

const (
	headSize  = unsafe.Sizeof(afdPollHead{})
	entrySize = unsafe.Sizeof(afdPollEntry{})
	forever   = 1<<63 - 1 // a positive timeout is a time of day, a negative one a duration
)

// afdPoll is one request with its room for the answer. The driver returns the
// entries that have an event, and those alone.
type afdPoll struct {
	in, out []int64 // int64 for the alignment
}

func newAfdPoll(wants map[windows.Handle]uint32, timeout int64) *afdPoll {
	words := (headSize + uintptr(len(wants))*entrySize + 7) / 8
	p := &afdPoll{in: make([]int64, words), out: make([]int64, words)}
	head, entries := split(p.in)
	*head = afdPollHead{timeout: timeout, count: uint32(len(wants))}
	i := 0
	for handle, events := range wants {
		entries[i] = afdPollEntry{handle: handle, events: events}
		i++
	}
	return p
}

func split(words []int64) (*afdPollHead, []afdPollEntry) {
	base := unsafe.Pointer(&words[0])
	n := (uintptr(len(words))*8 - headSize) / entrySize
	return (*afdPollHead)(base), unsafe.Slice((*afdPollEntry)(unsafe.Add(base, headSize)), n)
}

func (p *afdPoll) submit(device windows.Handle, overlapped *windows.Overlapped) error {
	size := uint32(len(p.in) * 8)
	var returned uint32
	return windows.DeviceIoControl(device, ioctlAfdPoll,
		(*byte)(unsafe.Pointer(&p.in[0])), size, (*byte)(unsafe.Pointer(&p.out[0])), size, &returned, overlapped)
}

// found is the events by socket, once the request has ended.
func (p *afdPoll) found() map[windows.Handle]uint32 {
	head, entries := split(p.out)
	events := make(map[windows.Handle]uint32, len(entries))
	for _, entry := range entries[:min(int(head.count), len(entries))] {
		events[entry.handle] |= entry.events
	}
	return events
}

// lookDevice is a handle for requests that do not wait.
var lookDevice = sync.OnceValues(func() (windows.Handle, error) {
	return openAfd(windows.FILE_SYNCHRONOUS_IO_NONALERT)
})

// lookAfd returns what holds now of the events wanted.
func lookAfd(wants map[windows.Handle]uint32) (map[windows.Handle]uint32, error) {
	if len(wants) == 0 {
		return nil, nil
	}
	device, err := lookDevice()
	if err != nil {
		return nil, err
	}
	poll := newAfdPoll(wants, 0)
	switch err := poll.submit(device, nil); err {
	case nil, windows.ERROR_TIMEOUT, windows.WAIT_TIMEOUT: // STATUS_TIMEOUT
		return poll.found(), nil
	default:
		return nil, err
	}
}

// openAfd opens the driver itself, no socket. The name after the device's is
// free.
func openAfd(options uint32) (windows.Handle, error) {
	name, err := windows.NewNTUnicodeString(`\Device\Afd\Sandsock`)
	if err != nil {
		return 0, err
	}
	attributes := windows.OBJECT_ATTRIBUTES{ObjectName: name}
	attributes.Length = uint32(unsafe.Sizeof(attributes))
	var device windows.Handle
	var status windows.IO_STATUS_BLOCK
	err = windows.NtCreateFile(&device, windows.SYNCHRONIZE, &attributes, &status, nil, 0,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, windows.FILE_OPEN, options, 0, 0)
	if ntstatus, ok := err.(windows.NTStatus); ok {
		return 0, ntstatus.Errno()
	}
	return device, err
}
