package wasmhost

import (
	"testing"

	"github.com/sandsock/sandsock/core"
)

// BenchmarkExchange is what a recv, its capitals and a send take beside the
// system's part, natively and in the sandbox: pointers and descriptors
// checked, bytes and fuel counted. 64 bytes are the calls, 64 KiB mostly the
// guest's own work.
func BenchmarkExchange(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"64B", 64}, {"64KiB", 64 << 10}} {
		b.Run(size.name+"/native", func(b *testing.B) {
			var s core.Socket = &onePing{each: size.bytes, left: size.bytes * b.N}
			buf := make([]byte, 64<<10)
			b.ReportAllocs()
			for n, _ := s.Recv(buf, 0); n > 0; n, _ = s.Recv(buf, 0) {
				for i, c := range buf[:n] {
					if 'a' <= c && c <= 'z' {
						buf[i] = c - 0x20
					}
				}
				_, _ = s.Send(buf[:n], 0)
			}
		})
		for _, handler := range []string{"upper", "upper-go", "echo"} {
			b.Run(size.name+"/"+handler, func(b *testing.B) {
				route, _ := benchRoute(b, handler, benchFile(b, handler))
				g := route.benchInstance(b)
				defer g.close()
				fd := g.table.add(descriptor{socket: &onePing{each: size.bytes, left: size.bytes * b.N}})
				b.ReportAllocs()
				b.ResetTimer()
				if _, err := g.call("handle", uint64(fd)); err != nil {
					b.Fatal(ending(err))
				}
			})
		}
	}
}
