package bench

import (
	"bytes"
	"net"
	"testing"
	"time"
)

func serve(t *testing.T, what string) Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- ServeNative(listener, what) }()
	t.Cleanup(func() {
		listener.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return Server{Name: what, Address: listener.Addr().String()}
}

func TestEightBytesAtATimeAreTheSameCapitals(t *testing.T) {
	all := make([]byte, 0, 256*9)
	for c := range 256 {
		all = append(all, bytes.Repeat([]byte{byte(c)}, 1+c%9)...)
	}
	want, got := bytes.Clone(all), bytes.Clone(all)
	upperBytes(want)
	upperEight(got)
	if !bytes.Equal(got, want) {
		t.Error("they differ")
	}
}

func TestEveryLoadGivesFiguresOfEveryServer(t *testing.T) {
	servers := []Server{serve(t, "bytes"), serve(t, "eight")}
	var used time.Duration // of one server, by each look
	servers[1].Processor = func() time.Duration { used += 32 * time.Microsecond; return used }
	for _, load := range Loads() {
		load.chunk = 32
		t.Run(load.Name, func(t *testing.T) {
			r, err := Measure(load, servers, 3)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range r.Servers {
				if f.Server != servers[i].Name || len(f.Ratios) != 3 || f.PerSec <= 0 || f.Ratio <= 0 || f.P99 < f.P50 || f.P50 <= 0 {
					t.Errorf("%+v", f)
				}
			}
			if r.Servers[0].Ratio != 1 {
				t.Errorf("the first server is %v times as fast as itself", r.Servers[0].Ratio)
			}
			if r.Servers[0].Processor != 0 || r.Servers[1].Processor != time.Microsecond || r.Servers[1].ProcessorMicros != 1 {
				t.Errorf("processor time of one operation: %v and %v", r.Servers[0].Processor, r.Servers[1].Processor)
			}
		})
	}
}

func TestWhatAServerDoesIsFoundByAsking(t *testing.T) {
	for what, want := range map[string]bool{"bytes": true, "echo": false} {
		if got, err := Does(serve(t, what)); got != want || err != nil {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	if _, err := Does(Server{Name: "nobody", Address: "127.0.0.1:1"}); err == nil {
		t.Error("nobody answers, and it is no error")
	}
}

func TestConnectionsAreHeldWhileSomethingIsMeasured(t *testing.T) {
	measured := false
	if err := Hold(serve(t, "echo"), 20, func() { measured = true }); err != nil || !measured {
		t.Error(measured, err)
	}
}
