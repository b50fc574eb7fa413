package codecache

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sys/cpu"
)

// Identity is a digest of what native code depends on besides the file it was
// made of: this program, with the versions of all it is made of, and the
// processor. It reads the program's file, and is meant to be called early, in a
// goroutine.
var Identity = sync.OnceValues(identity)

func identity() (sum [sha256.Size]byte, err error) {
	program, err := openProgram()
	if err != nil {
		return sum, err
	}
	defer program.Close()
	digest := sha256.New()
	fmt.Fprintf(digest, "%s %s %s %+v %+v\n", runtime.GOOS, runtime.GOARCH, runtime.Version(), cpu.X86, cpu.ARM64)
	if id := buildID(program); id != nil {
		digest.Write(id)
	} else if _, err := io.CopyBuffer(digest, struct{ io.Reader }{program}, make([]byte, 256<<10)); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(digest.Sum(nil)), nil
}

func openProgram() (*os.File, error) {
	if runtime.GOOS == "linux" {
		return os.Open("/proc/self/exe") // also after another was put in its place
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// buildID is what the go command has put into an ELF file: four digests in
// base64 with a slash between, the last of all its content. It is nil where
// there is none, or something else that other builders put there, such as
// "redacted". To hash a file of 20 MB would take a third of a start.
func buildID(program io.ReaderAt) []byte {
	file, err := elf.NewFile(program)
	if err != nil {
		return nil
	}
	section := file.Section(".note.go.buildid")
	if section == nil {
		return nil
	}
	note, err := section.Data()
	const head = 16 // the sizes of the name and of the ID, the type, and the name "Go\0\0"
	if err != nil || len(note) < head {
		return nil
	}
	id := bytes.TrimRight(note[head:], "\x00")
	digests := bytes.Split(id, []byte("/"))
	if len(digests) != 4 || slices.ContainsFunc(digests, func(d []byte) bool { return len(d) != 20 }) {
		return nil
	}
	return id
}
