package control

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestWhatASuccessorLeftBesideAPathIsTakenAway by the next that begins there or
// beside it, and nothing else is: what is of a process that lives, on what
// somebody listens, what is no socket, what is called otherwise.
func TestWhatASuccessorLeftBesideAPathIsTakenAway(t *testing.T) {
	for _, begin := range []func(string, Handler) (*Server, error){ListenAt, ListenBeside} {
		path := filepath.Join(t.TempDir(), "s")
		file := path + "." + gone(t)
		must(t, os.WriteFile(file, nil, 0o600))
		heard, err := listenAt(path+"."+gone(t), repeats)
		must(t, err)
		defer heard.Close()
		dead, own := path+"."+gone(t), path+"."+strconv.Itoa(os.Getpid())
		keep := []string{file, heard.Path(), path + "." + strconv.Itoa(os.Getppid()), path + ".0" + gone(t), path + "." + gone(t) + "-1", path + "x." + gone(t)}
		for _, socket := range append(keep[2:], dead, own) {
			leave(t, socket)
		}
		s, err := begin(path, repeats)
		must(t, err)
		defer s.Close()
		answered(t, s)
		answered(t, heard)
		for _, stays := range keep {
			if _, err := os.Lstat(stays); err != nil {
				t.Error(err)
			}
		}
		for _, goes := range []string{dead, own} {
			if _, err := os.Lstat(goes); err == nil && goes != s.Path() {
				t.Errorf("%s is still there", goes)
			}
		}
	}
}

func TestWhatIsLeftInTheWorkingDirectoryIsTakenAwayToo(t *testing.T) {
	t.Chdir(t.TempDir())
	left := "s." + gone(t)
	leave(t, left)
	s, err := ListenAt("s", repeats)
	must(t, err)
	defer s.Close()
	if entries, _ := os.ReadDir("."); len(entries) != 1 || strings.Contains(entries[0].Name(), ".") {
		t.Errorf("left is %v", entries)
	}
}
