package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestUpperWordAgreesWithTheByteLoopOnEveryByteInEveryPlace(t *testing.T) {
	for place := range 32 {
		for c := range 256 {
			for _, around := range []byte{0x00, 'z', 0xff} {
				got := bytes.Repeat([]byte{around}, 32)
				got[place] = byte(c)
				want := bytes.Clone(got)
				upper(got)
				upperBytes(want)
				if !bytes.Equal(got, want) {
					t.Fatalf("byte %#x at %d among %#x: got %x, want %x", c, place, around, got, want)
				}
			}
		}
	}
}

func TestOnlyLettersOfASCIIChange(t *testing.T) {
	for c := range 256 {
		p := []byte{byte(c)}
		upper(p)
		isSmall := 'a' <= c && c <= 'z'
		if changed := p[0] != byte(c); changed != isSmall || changed && p[0] != byte(c)-32 {
			t.Errorf("byte %#x became %#x", c, p[0])
		}
	}
}

func TestUpperServesAConnectionUntilThePeerEndsIt(t *testing.T) {
	for _, size := range []int{1, 7, 31, 32, 33, 1024, bufferSize, 300_000} {
		message := randomBytes(size)
		want := bytes.Clone(message)
		upperBytes(want)
		client, conn := connectedPair(t)
		served := make(chan error, 1)
		go func() { served <- Upper(conn) }()
		go func() {
			client.SendAll(message, 0)
			client.Shutdown(core.SHUT_WR)
		}()
		got := make([]byte, size)
		n, err := io.ReadFull(core.Stream(client), got)
		if err != nil || !bytes.Equal(got[:n], want) {
			t.Fatalf("%d bytes: got %d back, %v", size, n, err)
		}
		if err := <-served; err != nil {
			t.Errorf("%d bytes: Upper returned %v", size, err)
		}
	}
}

func TestUpperReturnsTheErrorOfTheCallThatFailed(t *testing.T) {
	_, conn := connectedPair(t)
	conn.SetTimeout(time.Millisecond)
	if err := Upper(conn); err != core.ErrTimeout {
		t.Errorf("with nothing to receive: %v, want %v", err, core.ErrTimeout)
	}
	conn.Close()
	if err := Upper(conn); err != core.EBADF {
		t.Errorf("closed: %v, want %v", err, core.EBADF)
	}
}

// connectedPair returns both ends of a connection in memory, which end with
// the test. No call on the client waits longer than ten seconds.
func connectedPair(t *testing.T) (client, conn core.Socket) {
	t.Helper()
	network := new(memnet.Network)
	listener := must(network.Socket(core.AF_INET, core.SOCK_STREAM, 0))
	client = must(network.Socket(core.AF_INET, core.SOCK_STREAM, 0))
	address := must(core.ResolveAddress(context.Background(), network, core.AF_INET, "localhost:6565"))
	mustDo(listener.Bind(address), listener.Listen(1), client.SetTimeout(10*time.Second), client.Connect(address))
	conn, _, err := listener.Accept()
	mustDo(err, listener.Close())
	t.Cleanup(func() { client.Close(); conn.Close() })
	return client, conn
}

func must[T any](value T, err error) T {
	mustDo(err)
	return value
}

func mustDo(errs ...error) {
	for _, err := range errs {
		if err != nil {
			panic(err)
		}
	}
}

// randomBytes returns the same bytes every time.
func randomBytes(size int) []byte {
	random := rand.NewChaCha8([32]byte{'u', 'p'})
	p := make([]byte, size)
	random.Read(p)
	return p
}

func BenchmarkUpper(b *testing.B) {
	for _, function := range []struct {
		name string
		run  func([]byte)
	}{{"bytes", upperBytes}, {"words", upper}} {
		for _, size := range []int{12, 1024, bufferSize} {
			b.Run(function.name+"/"+strconv.Itoa(size), func(b *testing.B) {
				message := randomBytes(size)
				p := make([]byte, size)
				b.SetBytes(int64(size))
				for b.Loop() {
					copy(p, message) // small letters again
					function.run(p)
				}
			})
		}
	}
}
