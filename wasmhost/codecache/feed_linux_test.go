package codecache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/wasmhost/populate"
)

const patience = 30 * time.Second

// engineCode is native code as the engine writes it, of functions that fill so
// many bytes.
func engineCode(length int) []byte {
	code := []byte("WAZEVO\x03dev")
	code = binary.LittleEndian.AppendUint32(code, 2)
	for _, n := range []int{0, length / 2, length} {
		code = binary.LittleEndian.AppendUint64(code, uint64(n))
	}
	random := rand.NewChaCha8([32]byte{1})
	body := make([]byte, length)
	_, _ = random.Read(body)
	return append(code, body...)
}

// readAll is what an engine gets that reads the code to its end.
func (c *Cache) readAll(t *testing.T) []byte {
	t.Helper()
	var code []byte
	ended := make(chan error, 1)
	go func() {
		var err error
		code, err = os.ReadFile(filepath.Join(c.Dir(), filepath.FromSlash(name)))
		ended <- err
	}()
	select {
	case err := <-ended:
		must(t, err)
	case <-time.After(patience):
		t.Fatal("the code has no end")
	}
	return code
}

func TestMuchCodeIsFedToTheEngine(t *testing.T) {
	for _, length := range []int{0, 1, pieceLength, 3 * pieceLength, 4*pieceLength + 5} {
		dir := t.TempDir()
		code := engineCode(length)
		newCache(t, dir).putCode(t, key, code)
		c := newCache(t, dir)
		_, err := c.Get(key)
		must(t, err)
		if fed := len(code) >= 3*pieceLength; fed != (c.feed != nil) {
			t.Errorf("of %d bytes: it is fed: %v", len(code), !fed)
		}
		if got := c.readAll(t); !bytes.Equal(got, code) || c.Taken(name) != nil {
			t.Errorf("of %d bytes: the engine gets %d", len(code), len(got))
		}
		must(t, c.Clear())
		if left, _ := filesIn(c.Dir()); len(left) > 0 {
			t.Errorf("%q is left", left)
		}
	}
}

// TestWhatWasCompiledIsFedToo, and is kept meanwhile.
func TestWhatWasCompiledIsFedToo(t *testing.T) {
	for _, length := range []int{0, 1, pieceLength, 3 * pieceLength, 4*pieceLength + 5} {
		dir := t.TempDir()
		code := engineCode(length)
		c := newCache(t, dir)
		e := Entry{Name: c.taken(t, code)}
		if fed := len(code) >= 3*pieceLength; fed != (c.feed != nil) {
			t.Errorf("of %d bytes: it is fed: %v", len(code), !fed)
		}
		kept := make(chan error, 1)
		go func() { kept <- c.Put(key, e) }()
		if got := c.readAll(t); !bytes.Equal(got, code) || c.Taken(name) != nil {
			t.Errorf("of %d bytes: the engine gets %d", len(code), len(got))
		}
		must(t, <-kept)
		must(t, c.Clear())
		if left, err := os.ReadDir(c.work.Path()); err != nil || len(left) != 1 || left[0].Name() != engineFolder {
			t.Errorf("%v is left, %v", left, err)
		}
		later := newCache(t, dir)
		_, err := later.Get(key)
		must(t, err)
		if got := later.readAll(t); !bytes.Equal(got, code) {
			t.Errorf("of %d bytes: %d are kept", len(code), len(got))
		}
	}
}

// TestTheEngineGetsNothingThatIsDamaged turns a bit in every piece, and cuts the
// file there once its length has been seen.
func TestTheEngineGetsNothingThatIsDamaged(t *testing.T) {
	dir := t.TempDir()
	code := engineCode(6 * pieceLength)
	newCache(t, dir).putCode(t, key, code)
	path := filepath.Join(dir, key.file())
	whole, err := os.ReadFile(path)
	must(t, err)
	begins := len(whole) - len(code)
	for at := 0; at < len(code); at += pieceLength {
		turned := bytes.Clone(whole)
		turned[begins+at] ^= 4
		must(t, os.WriteFile(path, turned, 0o600))
		c := newCache(t, dir)
		_, err := c.Get(key)
		var got []byte
		if err == nil {
			got = c.readAll(t)
			err = c.Clear()
		}
		if err != errDamaged || len(got) > at || !bytes.HasPrefix(code, got) {
			t.Errorf("damage at %d: %v, and the engine has %d bytes", at, err, len(got))
		}
	}
}

func TestAnEntryThatIsCutWhileItIsFedIsDamaged(t *testing.T) {
	dir := t.TempDir()
	code := engineCode(8 * pieceLength)
	newCache(t, dir).putCode(t, key, code)
	c := newCache(t, dir)
	_, err := c.Get(key)
	must(t, err)
	must(t, os.Truncate(filepath.Join(dir, key.file()), int64(4*pieceLength)))
	got := c.readAll(t)
	if err := c.Clear(); err != errDamaged || len(got) >= len(code) || !bytes.HasPrefix(code, got) {
		t.Errorf("the error is %v, and the engine has %d bytes", err, len(got))
	}
}

// TestAnEngineThatLooksNowhereHoldsNothingUp is one that compiles, or refuses
// the module.
func TestAnEngineThatLooksNowhereHoldsNothingUp(t *testing.T) {
	dir := t.TempDir()
	newCache(t, dir).putCode(t, key, engineCode(6*pieceLength))
	c := newCache(t, dir)
	for range 3 {
		_, err := c.Get(key)
		must(t, err)
		cleared := make(chan error, 1)
		go func() { cleared <- c.Clear() }()
		select {
		case err := <-cleared:
			must(t, err)
		case <-time.After(patience):
			t.Fatal("it is never cleared")
		}
	}
}

// TestMemoryIsMadeForWhatThereIs and not for what a file says that there is.
func TestMemoryIsMadeForWhatThereIs(t *testing.T) {
	code := engineCode(6 * pieceLength)
	binary.LittleEndian.PutUint64(code[len(code)-6*pieceLength-8:], mostOfAPart)
	c := newCache(t, t.TempDir())
	c.taken(t, code)
	if c.feed != nil {
		t.Error("it is fed")
	}
	if got := c.readAll(t); !bytes.Equal(got, code) {
		t.Errorf("the engine gets %d bytes", len(got))
	}
}

func TestAClosedCacheFeedsNobody(t *testing.T) {
	dir := t.TempDir()
	newCache(t, dir).putCode(t, key, engineCode(6*pieceLength))
	c, err := New()
	must(t, err)
	must(t, c.Keep(dir))
	_, err = c.Get(key)
	must(t, err)
	feed := c.feed
	must(t, c.Close())
	select {
	case <-feed.done:
	default:
		t.Error("it goes on")
	}
}

func TestWhereNoPipeCanBeMadeTheCodeIsCopied(t *testing.T) {
	dir := t.TempDir()
	code := engineCode(6 * pieceLength)
	newCache(t, dir).putCode(t, key, code)
	c := newCache(t, dir)
	path, err := c.place(name)
	must(t, err)
	must(t, os.WriteFile(path, nil, 0o600)) // where the pipe is to be
	_, err = c.Get(key)
	if info, stat := os.Lstat(path); err != nil || stat != nil || info.Mode()&fs.ModeType != 0 {
		t.Fatalf("%v, %v", err, info)
	}
	if got := c.readAll(t); !bytes.Equal(got, code) {
		t.Errorf("the engine gets %d bytes", len(got))
	}
}

func TestTheHeadOfTheEnginesFileIsUnderstoodOrLeft(t *testing.T) {
	whole := engineCode(100)
	if places, length := engineHead(whole); places != len(whole)-100 || length != 100 {
		t.Errorf("%d bytes, then %d", places, length)
	}
	for n := range len(whole) - 100 {
		if places, _ := engineHead(whole[:n]); places != 0 {
			t.Errorf("cut at %d: %d", n, places)
		}
	}
	huge := bytes.Clone(whole)
	copy(huge[10:], "\xff\xff\xff\xff")
	if places, _ := engineHead(huge); places != 0 {
		t.Errorf("of as many functions as can be said: %d", places)
	}
}

// TestMemoryThatIsNewHasItsPagesAtOnce looks at which pages are there
// (mincore(2)).
func TestMemoryThatIsNewHasItsPagesAtOnce(t *testing.T) {
	const length = 3 << 20
	present := func(memory []byte) (n int) {
		there := make([]byte, length/os.Getpagesize())
		_, _, errno := unix.Syscall(unix.SYS_MINCORE, populate.Address(memory), length, populate.Address(there))
		if errno != 0 {
			t.Fatal(errno)
		}
		return bytes.Count(there, []byte{1})
	}
	before := mappings()
	memory, err := unix.Mmap(-1, 0, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	must(t, err)
	defer unix.Munmap(memory)
	after := mappings()
	populateNew(after, length) // of which none is new
	if n := present(memory); n != 0 {
		t.Fatalf("%d pages are there already", n)
	}
	found := populateNew(before, length)
	if n := present(memory); n != length/os.Getpagesize() && kernelPopulates() {
		t.Errorf("%d pages are there", n)
	}
	if from := populate.Address(memory); found.from != from || found.to != from+length {
		t.Errorf("%x to %x were found", found.from, found.to)
	}
}

func TestMemoryIsTouchedPieceByPieceAsLongAsItIsThere(t *testing.T) {
	page := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, 4*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	must(t, err)
	defer unix.Munmap(memory)
	from := populate.Address(memory)
	m := mapping{from: from, to: from + uintptr(2*page+1)}
	for _, left := range []int{page + 1, 1, 0, 0} {
		if m.touch(page); int(m.to-m.from) != left {
			t.Fatalf("%d bytes are left, and not %d", m.to-m.from, left)
		}
	}
	must(t, unix.Mprotect(memory, unix.PROT_NONE))
	m = mapping{from: from, to: from + uintptr(4*page)}
	if m.touch(page); m != (mapping{}) {
		t.Errorf("%d bytes of what is gone are left", m.to-m.from)
	}
	m.touch(page)
}

// kernelPopulates is since Linux 5.14.
func kernelPopulates() bool {
	room, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	return err == nil && !errors.Is(errors.Join(unix.Madvise(room, unix.MADV_POPULATE_WRITE), unix.Munmap(room)), unix.EINVAL)
}
