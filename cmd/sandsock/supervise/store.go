//go:build unix

package supervise

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// store has the sockets that outlive a process, in the order in which they came.
// The zero value is empty.
type store struct{ kept []kept }

// kept is a socket by its descriptor. It is no os.File: Go's poller would hear
// of every client that connects.
type kept struct {
	name       string
	descriptor int
	place      string // its type and address
	shared     bool   // with more than the processes that are started here
}

// mostKept bounds the descriptors a process can leave here.
const mostKept = 1024

// add keeps a descriptor or closes it: what is no socket, and what there is no
// more room for. It takes the place of the one of the same address, and is
// shared where that was.
func (s *store) add(name string, descriptor int, shared bool) {
	place, err := placeOf(descriptor)
	at := slices.IndexFunc(s.kept, func(k kept) bool { return k.place == place })
	switch k := (kept{validName(name), descriptor, place, shared}); {
	case err == nil && at >= 0:
		k.shared = shared || s.kept[at].shared
		_ = unix.Close(s.kept[at].descriptor)
		s.kept[at] = k
	case err == nil && len(s.kept) < mostKept:
		s.kept = append(s.kept, k)
	default:
		_ = unix.Close(descriptor)
	}
}

func placeOf(descriptor int) (string, error) {
	typ, err := unix.GetsockoptInt(descriptor, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return "", err
	}
	switch name, err := unix.Getsockname(descriptor); name := name.(type) {
	case *unix.SockaddrInet4:
		return fmt.Sprint(typ, name.Addr, name.Port), nil
	case *unix.SockaddrInet6:
		return fmt.Sprint(typ, name.Addr, name.Port, name.ZoneId), nil
	default:
		return "", errors.Join(err, unix.EAFNOSUPPORT)
	}
}

// validName is a name as systemd takes it, which calls all others stored
// (sd_notify(3)).
func validName(name string) string {
	strange := func(r rune) bool { return r < ' ' || r >= 0x7f || r == ':' }
	if name == "" || len(name) > 255 || strings.ContainsFunc(name, strange) {
		return "stored"
	}
	return name
}

func (s *store) remove(name string) {
	s.kept = slices.DeleteFunc(s.kept, func(k kept) bool {
		if k.name == name {
			_ = unix.Close(k.descriptor)
		}
		return k.name == name
	})
}

// close closes all that is kept.
func (s *store) close() {
	for _, k := range s.kept {
		_ = unix.Close(k.descriptor)
	}
	s.kept = nil
}

// names is the LISTEN_FDNAMES of copies.
func (s *store) names() string {
	var names []string
	for _, k := range s.kept {
		names = append(names, k.name)
	}
	return strings.Join(names, ":")
}

// shared is which of the copies others have as well, as [Shared] reads it.
func (s *store) shared() string {
	var numbers []string
	for i, k := range s.kept {
		if k.shared {
			numbers = append(numbers, strconv.Itoa(i))
		}
	}
	return strings.Join(numbers, ":")
}

// copies returns files of all that is kept, which are the caller's to close.
func (s *store) copies() (files []*os.File, err error) {
	for _, k := range s.kept {
		descriptor, err := unix.FcntlInt(uintptr(k.descriptor), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, os.NewFile(uintptr(descriptor), k.name))
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}
