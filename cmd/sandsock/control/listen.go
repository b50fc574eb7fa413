package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

// extension is that of a socket's file, which is named by the process's number.
const extension = ".sock"

// Listen begins to answer on a socket of this process in the user's folder.
func Listen(handler Handler) (*Server, error) {
	var first error
	for _, dir := range folders() {
		root, err := folder.Open(dir)
		if err == nil {
			_ = root.Close()
			found(dir) // takes away what is stale
			return listenIn(dir, handler)
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// listenIn takes the next name where the process's own is in use: two may have
// the same number in two containers.
func listenIn(dir string, handler Handler) (s *Server, err error) {
	name := strconv.Itoa(os.Getpid())
	for i := range 10 {
		path := filepath.Join(dir, name+extension)
		if i > 0 {
			path = filepath.Join(dir, name+"-"+strconv.Itoa(i)+extension)
		}
		if s, err = ListenAt(path, handler); !errors.Is(err, errInUse) {
			break
		}
	}
	return s, err
}

var errInUse = errors.New("another answers there")

// ListenAt begins to answer on a socket at a path. A socket of a process that
// is dead is taken away first, and so are those that [ListenBeside] left; any
// other file there is an error.
func ListenAt(path string, handler Handler) (*Server, error) {
	takeAwayBeside(path)
	return listenAt(path, handler)
}

func listenAt(path string, handler Handler) (*Server, error) {
	l, err := listen(path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err = takeAway(path); err == nil {
			l, err = listen(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	l.SetUnlinkOnClose(false) // it may be another's by then
	return serve(l, path, handler, Patience)
}

// MoveTo gives the server's socket another path, and takes away what is there.
func (s *Server) MoveTo(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.Rename(s.path, path); err != nil {
		return err
	}
	s.path = path
	return nil
}

func listen(path string) (*net.UnixListener, error) {
	config := net.ListenConfig{Control: beforeBind}
	l, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l.(*net.UnixListener), nil
}

// takeAway removes a socket on which nobody answers.
func takeAway(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSocket == 0:
		return errors.New("is there, and is no socket")
	case !refuses(path):
		return errInUse
	}
	return os.Remove(path)
}

// refuses reports whether nobody listens on a socket that is there.
func refuses(path string) bool { return errors.Is(try(path), syscall.ECONNREFUSED) }

// Answers reports whether somebody listens on a socket, if perhaps with no room
// at the moment.
func Answers(path string) bool {
	err := try(path)
	return err == nil || errors.Is(err, syscall.EAGAIN)
}

func try(path string) error {
	c, err := net.DialTimeout("unix", path, Patience)
	if err == nil {
		_ = c.Close()
	}
	return err
}

// folders are where sockets are: a server has its own in the first that can be
// had, and who asks looks in all, since their environments may differ.
func folders() (dirs []string) {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			dirs = append(dirs, filepath.Join(dir, "sandsock"))
		}
	}
	return append(dirs, filepath.Join(os.TempDir(), "sandsock-"+userName()))
}

// userName tells the folders of users apart that share one for what is
// temporary. On Windows each has their own.
func userName() string {
	if id := os.Getuid(); id >= 0 {
		return strconv.Itoa(id)
	}
	return "control"
}

// Find returns the sockets on which servers of the user answer.
func Find() (paths []string) {
	for _, dir := range folders() {
		if _, err := os.Lstat(dir); err != nil {
			continue
		}
		if root, err := folder.Open(dir); err == nil {
			_ = root.Close()
			paths = append(paths, found(dir)...)
		}
	}
	return paths
}

// found returns the sockets of a folder on which somebody answers, and takes
// away those whose process is dead. One that is refused while its process lives
// may be about to listen.
func found(dir string) (paths []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		name, beside, ok := strings.Cut(e.Name(), extension)
		if !ok || e.Type()&fs.ModeSocket == 0 && e.Type() != fs.ModeIrregular {
			continue
		}
		if beside != "" { // of one that was succeeded: who asks for a server does not mean it
			takeAwayBeside(filepath.Join(dir, name+extension))
			continue
		}
		path := filepath.Join(dir, e.Name())
		switch {
		case Answers(path):
			paths = append(paths, path)
		case dead(name) && refuses(path):
			_ = os.Remove(path)
		}
	}
	return paths
}

// plain is the system's part of an error.
func plain(err error) error {
	var number syscall.Errno
	switch {
	case errors.Is(err, syscall.EINVAL):
		return errors.New("a socket's path cannot be that long")
	case errors.As(err, &number):
		return number
	}
	return err
}
