package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sandsock/sandsock/wasmhost"
)

// The harms that come with versions of the echo, whose replies are marked with
// a version's number.

// echoVersions are those of the echo. Who connects is served by serving or a later
// one, and never by one that is not ordered yet.
type echoVersions struct{ serving, ordered atomic.Int64 }

// markOf is a version's number as four digits of base 36, the letters of which
// are small: no client sends such.
func markOf(version int64) string {
	digits := strconv.FormatInt(version, 36)
	return strings.Repeat("0", 4-len(digits)) + digits
}

func versionFile(version int64) []byte { return marked(markOf(version)) }

// swap gives the echo another file, or returns why it is refused.
func (s *soak) swap(file []byte) (reason string, err error) {
	answer, ok := s.h.order(order{Swap: file}, patience)
	switch {
	case !ok:
		return "", errors.New("a swap is not answered")
	case answer.Refused != "":
		return "", errors.New(answer.Refused)
	}
	return answer.Reason, nil
}

// swapOn swaps to a version that was not there before.
func (s *soak) swapOn() (file []byte, err error) {
	version := s.ordered.Add(1)
	file = versionFile(version)
	reason, err := s.swap(file)
	if reason != "" {
		err = fmt.Errorf("version %d is refused: %s", version, reason)
	}
	if err == nil {
		s.serving.Store(version)
	}
	return file, err
}

func swappingOften(s *soak, random *rand.Rand) error {
	for range 1 + random.IntN(10) {
		if _, err := s.swapOn(); err != nil {
			return err
		}
	}
	return nil
}

// savingBadFiles swaps to files that cannot serve, while it swaps to one that
// can.
func savingBadFiles(s *soak, random *rand.Rand) error {
	bad := notHandlers()
	var errs [4]error
	var all sync.WaitGroup
	all.Go(func() { _, errs[0] = s.swapOn() })
	for i := range errs[1:] {
		file := join(bad[random.IntN(len(bad))], []byte{0}) // no order has an empty file
		all.Go(func() {
			reason, err := s.swap(file)
			if reason == "" && err == nil {
				err = fmt.Errorf("a bad file of %d bytes is served", len(file))
			}
			errs[1+i] = err
		})
	}
	all.Wait()
	return errors.Join(errs[:]...)
}

// damagingCode damages what the cache has of a version, and swaps to that once
// more.
func damagingCode(s *soak, random *rand.Rand) error {
	for _, path := range keptIn(s.t, s.cache) {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	file, err := s.swapOn()
	if err != nil {
		return err
	}
	kept := keptIn(s.t, s.cache)
	if len(kept) != 1 {
		return fmt.Errorf("%d files are kept of one version", len(kept))
	}
	whole, err := os.ReadFile(kept[0])
	if err == nil {
		err = os.WriteFile(kept[0], damage(whole, random), 0o600)
	}
	if err != nil {
		return err
	}
	said := s.compiledAgain()
	if reason, err := s.swap(file); reason != "" || err != nil {
		return fmt.Errorf("what is damaged is refused: %s, %w", reason, err)
	}
	if n := s.compiledAgain() - said; n != 1 {
		return fmt.Errorf("%d lines say that it is compiled again", n)
	}
	if again, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(again, whole) {
		return fmt.Errorf("what is damaged is not replaced: %w", err)
	}
	return nil
}

// damage cuts a file, adds to it, or turns a bit.
func damage(whole []byte, random *rand.Rand) []byte {
	at := random.IntN(len(whole))
	switch turned := bytes.Clone(whole); random.IntN(3) {
	case 0:
		return whole[:at]
	case 1:
		return append(turned, whole[at:]...)
	default:
		turned[at] ^= 1 << random.IntN(8)
		return turned
	}
}

// compiledAgain is how often the host has said that it does not use what is
// kept. A report comes before the answer to the order that it is of.
func (s *soak) compiledAgain() (n int) {
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	for _, r := range s.h.reports {
		if r.Event == wasmhost.EventTrouble && strings.Contains(r.Error, "is compiled again") {
			n++
		}
	}
	return n
}
