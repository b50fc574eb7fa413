package control

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ListenBeside begins to answer beside a path which is another server's, or is
// to be: at the path with a dot and the number of this process. So does a
// successor, that is to [Server.MoveTo] the path, such that there is no moment
// in which nobody answers on it; and so does who was succeeded, while it drains.
func ListenBeside(path string, handler Handler) (*Server, error) {
	takeAwayBeside(path)
	return listenAt(path+"."+strconv.Itoa(os.Getpid()), handler)
}

// takeAwayBeside removes what a process left beside a path that was killed
// while it listened there: sockets, of a number that no process has but
// perhaps this one, on which nobody listens.
func takeAwayBeside(path string) {
	dir, base := filepath.Split(path)
	entries, _ := os.ReadDir(filepath.Clean(dir))
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), base+".")
		if !ok || e.Type()&fs.ModeSocket == 0 || !isPID(number) {
			continue
		}
		if own := number == strconv.Itoa(os.Getpid()); !own && !dead(number) {
			continue
		}
		if left := filepath.Join(dir, e.Name()); refuses(left) {
			_ = os.Remove(left)
		}
	}
}

// isPID reports whether a text is a process's number, as it is printed.
func isPID(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && strconv.Itoa(n) == text
}
