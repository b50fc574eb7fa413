package control

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

// inFolders gives the test folders of its own: the runtime directory's, and
// the one for what is temporary.
func inFolders(t *testing.T) (runtimeDir, temporary string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("its folder for what is temporary is named otherwise")
	}
	runtimeDir, temporary = t.TempDir(), t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", runtimeDir)
	t.Setenv("TMPDIR", temporary)
	return filepath.Join(runtimeDir, "sandsock"), filepath.Join(temporary, "sandsock-"+strconv.Itoa(os.Getuid()))
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	return info.Mode().Perm()
}

func TestASocketIsTheUsersAloneAndGoneAtTheEnd(t *testing.T) {
	dir, _ := inFolders(t)
	s, err := Listen(repeats)
	must(t, err)
	if want := filepath.Join(dir, strconv.Itoa(os.Getpid())+".sock"); s.Path() != want {
		t.Errorf("it is %s, want %s", s.Path(), want)
	}
	if mode(t, dir) != 0o700 || mode(t, s.Path()) != 0o600 {
		t.Errorf("the modes are %o and %o", mode(t, dir), mode(t, s.Path()))
	}
	if got := Find(); !slices.Equal(got, []string{s.Path()}) {
		t.Errorf("found are %q", got)
	}
	answered(t, s)
	must(t, s.Close())
	if got := Find(); len(got) > 0 {
		t.Errorf("at the end %q are found", got)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// Who asks may have another environment.
func TestWhereThereIsNoRuntimeDirectoryItIsTheTemporaryOne(t *testing.T) {
	_, dir := inFolders(t)
	there := os.Getenv("XDG_RUNTIME_DIR")
	for _, none := range []string{"", "relative", filepath.Join(there, "none")} {
		t.Setenv("XDG_RUNTIME_DIR", none)
		s, err := Listen(repeats)
		must(t, err)
		t.Setenv("XDG_RUNTIME_DIR", there)
		if got := Find(); !slices.Equal(got, []string{s.Path()}) || filepath.Dir(s.Path()) != dir || mode(t, dir) != 0o700 {
			t.Errorf("with %q the socket is %s, and %q are found", none, s.Path(), got)
		}
		must(t, s.Close())
	}
}

func TestAFolderThatOthersCanWriteToIsNotUsed(t *testing.T) {
	dir, other := inFolders(t)
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.Chmod(dir, 0o777))
	s, err := Listen(repeats)
	must(t, err)
	defer s.Close()
	if filepath.Dir(s.Path()) != other {
		t.Errorf("the socket is %s", s.Path())
	}
	// Somebody else's server is in the first, and is not asked.
	l, err := net.Listen("unix", filepath.Join(dir, "1.sock"))
	must(t, err)
	defer l.Close()
	if got := Find(); !slices.Equal(got, []string{s.Path()}) {
		t.Errorf("found are %q", got)
	}
	must(t, os.Chmod(other, 0o770))
	var unsafe *folder.UnsafeError
	if _, err := Listen(repeats); !errors.As(err, &unsafe) {
		t.Errorf("without a folder of one's own the error is %v", err)
	}
}

// leave makes a socket that nobody listens on any more.
func leave(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	l.SetUnlinkOnClose(false)
	must(t, l.Close())
}

// gone returns the number of a process that has ended.
func gone(t *testing.T) string {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^$")
	must(t, c.Run())
	return strconv.Itoa(c.Process.Pid)
}

func TestASocketOfADeadProcessIsTakenAway(t *testing.T) {
	dir, _ := inFolders(t)
	must(t, os.Mkdir(dir, 0o700))
	dead := filepath.Join(dir, gone(t)+".sock")
	again := filepath.Join(dir, gone(t)+"-1.sock")
	living := filepath.Join(dir, strconv.Itoa(os.Getppid())+".sock")
	aside, drains := living+"."+gone(t), living+"."+strconv.Itoa(os.Getppid())
	for _, path := range []string{dead, again, living, aside, drains} {
		leave(t, path)
	}
	if got := Find(); len(got) > 0 {
		t.Errorf("found are %q", got)
	}
	for path, want := range map[string]bool{dead: false, again: false, living: true, aside: false, drains: true} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s is there: %v", path, err == nil)
		}
	}
}

// A container leaves one, in which all processes begin with the same number.
func TestASocketOfAnEarlierProcessOfTheSameNumberIsTakenAway(t *testing.T) {
	dir, _ := inFolders(t)
	must(t, os.Mkdir(dir, 0o700))
	own := filepath.Join(dir, strconv.Itoa(os.Getpid())+".sock")
	leave(t, own)
	first, err := Listen(repeats)
	must(t, err)
	defer first.Close()
	second, err := Listen(repeats)
	must(t, err)
	defer second.Close()
	if first.Path() != own || second.Path() != strings.TrimSuffix(own, ".sock")+"-1.sock" {
		t.Errorf("they are %s and %s", first.Path(), second.Path())
	}
	answered(t, first)
	answered(t, second)
}

func TestAPathOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	leave(t, path)
	s, err := ListenAt(path, repeats)
	must(t, err)
	answered(t, s)
	if _, err := ListenAt(path, repeats); err == nil || err.Error() != path+": another answers there" {
		t.Errorf("where one answers already the error is %v", err)
	}
	answered(t, s)
	// One that was replaced is not the server's to remove.
	must(t, os.Remove(path))
	must(t, os.WriteFile(path, nil, 0o600))
	must(t, s.Close())
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
	for wrong, want := range map[string]string{
		path:                            "is there, and is no socket",
		dir:                             "is there, and is no socket",
		filepath.Join(dir, "none", "s"): "no such file or directory",
		filepath.Join(dir, strings.Repeat("long", 40)): "a socket's path cannot be that long",
	} {
		if _, err := ListenAt(wrong, repeats); err == nil || err.Error() != wrong+": "+want {
			t.Errorf("the error is %v, want %s: %s", err, wrong, want)
		}
	}
}

// TestThePathOfAnotherIsLeftAlone, whose file has the number that the server's
// had: a file system gives it again.
func TestThePathOfAnotherIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, err := ListenAt(path, repeats)
	must(t, err)
	must(t, s.resign())
	other, err := ListenAt(path, repeats)
	must(t, err)
	defer other.Close()
	s.file = other.file
	must(t, s.Close())
	answered(t, other)
}

func TestNobodyAnswersWhereNothingListens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	leave(t, path)
	_, err := AskOnce(context.Background(), path, Request{Do: DoStatus})
	if want := "nobody answers on " + path + ": connection refused"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}
