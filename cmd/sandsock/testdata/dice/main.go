// Command dice is a guest for the tests: it sends random numbers of all kinds
// a Go handler can have, each a line of a name and what was drawn.
package main

import (
	cryptorand "crypto/rand"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"strings"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest"
)

// What is drawn before any connection.
var (
	key  = drawn(16)
	dice = rand.New(guest.RandSource{})
)

func drawn(n int) []byte {
	p := make([]byte, n)
	guest.Rand(p)
	return p
}

func init() { guest.Handle(throw) }

func main() {}

func throw(conn core.Socket) error {
	var text strings.Builder
	for _, line := range []struct {
		name string
		what any
	}{
		{"initialized", key},
		{"math/rand", rand.Uint64()},
		{"maphash", maphash.String(maphash.MakeSeed(), "")},
		{"guest.Rand", drawn(16)},
		{"guest.RandSource", dice.Uint64()},
		{"crypto/rand", []byte(cryptorand.Text())},
	} {
		fmt.Fprintf(&text, "%s %x\n", line.name, line.what)
	}
	return conn.SendAll([]byte(text.String()), 0)
}
