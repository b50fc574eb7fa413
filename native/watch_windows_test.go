package native

import (
	"net"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

func TestBlockedSocketsCostNoThreads(t *testing.T) {
	const sockets = 2000
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	var running sync.WaitGroup
	var all []*socket
	for range sockets {
		s := datagram(t)
		running.Go(func() {
			_, err := s.Recv(make([]byte, 1), 0)
			wantErr(t, "Recv", err, core.ECANCELED)
		})
		waiting(t, &s.read)
		all = append(all, s)
	}
	if after := threads.Count(); after > before+16 {
		t.Errorf("%d blocked sockets brought the process from %d to %d threads", sockets, before, after)
	}
	for _, s := range all {
		s.SetCanceled(true)
	}
	running.Wait()
}

func TestAWatchEndsByWhatIsWaitedForOrByStop(t *testing.T) {
	a, b := streamPair(t)
	s := b.(*socket)
	for _, end := range []func(w *watch){
		func(*watch) { must(t, a.SendAll([]byte{1}, 0)) },
		func(w *watch) { w.stop() },
	} {
		w := value(s.watch(afdReceive))(t)
		end(w)
		select {
		case <-w.over:
		case <-time.After(patience):
			t.Fatal("the watch is not over")
		}
		w.stop() // of one that is over does nothing
		_, _ = s.Recv(make([]byte, 1), core.MSG_DONTWAIT)
	}
}

// BenchmarkPingPong sends 64 bytes to and fro over loopback, so that each side
// waits each time.
func BenchmarkPingPong(b *testing.B) {
	b.Run("net", func(b *testing.B) {
		listener := value(net.Listen("tcp", "127.0.0.1:0"))(b)
		defer listener.Close()
		client := value(net.Dial("tcp", listener.Addr().String()))(b)
		defer client.Close()
		server := value(listener.Accept())(b)
		defer server.Close()
		pingPong(b, client.Read, client.Write, server.Read, server.Write)
	})
	b.Run("native", func(b *testing.B) {
		client, server := streamPair(b)
		read := func(s core.Socket) func([]byte) (int, error) {
			return func(p []byte) (int, error) { return s.Recv(p, 0) }
		}
		write := func(s core.Socket) func([]byte) (int, error) {
			return func(p []byte) (int, error) { return s.Send(p, 0) }
		}
		pingPong(b, read(client), write(client), read(server), write(server))
	})
}

func pingPong(b *testing.B, read, write, peerRead, peerWrite func([]byte) (int, error)) {
	echoed := started(b, func() error {
		p := make([]byte, 64)
		for range b.N {
			if _, err := peerRead(p); err != nil {
				return err
			}
			if _, err := peerWrite(p); err != nil {
				return err
			}
		}
		return nil
	})
	p := make([]byte, 64)
	b.ResetTimer()
	for range b.N {
		_ = value(write(p))(b)
		_ = value(read(p))(b)
	}
	must(b, echoed())
}
