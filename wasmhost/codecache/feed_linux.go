package codecache

import (
	"encoding/binary"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// feed is native code on its way to the engine, through a named pipe where the
// engine looks for a file (fifo(7)): it is read and checked while the engine
// is still at the module, is never copied to a disk, and where the engine has
// got to is known.
type feed struct {
	reader *os.File // keeps the pipe as long as the engine has not opened it
	writer *os.File
	code   *pieces
	done   chan struct{}
	err    error // once done
}

// feedFrom begins to feed; nil where the code is to be given as a file, since it
// is little, or not as long as it says, or the pipe is not as it has to be.
//
// The engine reads the places of its functions in eights, and takes less for
// an error, as a pipe may give where it has no more for now. So all of these
// are in the first piece, and the pipe holds as much, which one call puts there.
// The second piece goes beyond that: once it is written, the engine has opened
// the pipe, and sees its end whenever that comes. Before, the engine would wait
// for somebody to write, so a second piece that is damaged is an error here.
func feedFrom(path string, first []byte, code *pieces) (*feed, error) {
	places, length := engineHead(first)
	if places == 0 || code.left < 2*pieceLength || length > int64(len(first))+code.left {
		return nil, nil
	}
	f := &feed{code: code, done: make(chan struct{})}
	err := f.open(path)
	if err == nil {
		_, err = f.writer.Write(first)
	}
	if err != nil {
		f.abandon(path)
		return nil, nil
	}
	second, err := code.code()
	if err != nil {
		f.abandon(path)
		return nil, err
	}
	go f.run(second, mappings(), length)
	return f, nil
}

// run writes all the code.
func (f *feed) run(piece []byte, before []mapping, length int64) {
	defer close(f.done)
	defer f.code.file.Close()
	defer f.writer.Close()
	var memory mapping
	_, err := f.writer.Write(piece)
	if err == nil {
		memory = populateNew(before, length)
		_, _ = f.resize(mostFed)
	}
	for err == nil {
		if piece, err = f.code.code(); err != nil {
			if err != io.EOF {
				f.err = err
			}
			return
		}
		memory.touch(len(piece))
		_, err = f.writer.Write(piece)
	}
}

// end stops feeding. The error says why the engine could not have all.
func (f *feed) end() error {
	_ = f.writer.Close()
	<-f.done
	_ = f.reader.Close()
	return f.err
}

// engineHead finds how many bytes the engine's file has before the native code,
// and how long that is; 0 where they are not all in p, or are not understood.
func engineHead(p []byte) (places int, length int64) {
	const magic = "WAZEVO"
	if len(p) < len(magic)+1 || string(p[:len(magic)]) != magic {
		return 0, 0
	}
	at := len(magic) + 1 + int(p[len(magic)]) // the version
	if len(p) < at+4 {
		return 0, 0
	}
	places = at + 4 + 8*int(binary.LittleEndian.Uint32(p[at:])) + 8
	if len(p) < places {
		return 0, 0
	}
	length = int64(binary.LittleEndian.Uint64(p[places-8:]))
	if length < 0 || length > mostOfAPart {
		return 0, 0
	}
	return places, length
}

// open makes the pipe, and opens both ends. No call waits: each is taken up by
// Go's poller.
func (f *feed) open(path string) (err error) {
	if err = unix.Mkfifo(path, 0o600); err != nil {
		return err
	}
	if f.reader, err = os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0); err != nil {
		return err
	}
	if f.writer, err = os.OpenFile(path, os.O_WRONLY|unix.O_NONBLOCK, 0); err != nil {
		return err
	}
	size, err := f.resize(pieceLength)
	if err == nil && size != pieceLength {
		err = unix.EINVAL
	}
	return err
}

// mostFed is how much may wait in the pipe once the engine reads, in bytes: what
// any user may ask for (pipe(7)), so that neither waits for the other at each
// piece.
const mostFed = 1 << 20

func (f *feed) resize(to int) (size int, err error) {
	raw, err := f.writer.SyscallConn()
	if err != nil {
		return 0, err
	}
	controlled := raw.Control(func(fd uintptr) {
		size, err = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, to)
	})
	return size, errors.Join(controlled, err)
}

func (f *feed) abandon(path string) {
	for _, end := range []*os.File{f.writer, f.reader} {
		if end != nil {
			_ = end.Close()
		}
	}
	_ = os.Remove(path)
}
