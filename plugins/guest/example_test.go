package guest_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest"
)

// A handler that greets each client with a token no other has.
func ExampleRand() {
	guest.Handle(func(conn core.Socket) error {
		return conn.SendAll([]byte(token()+"\n"), 0)
	})
	one, two := token(), token()
	fmt.Println(len(one), one == two)
	// Output: 32 false
}

func token() string {
	p := make([]byte, 16)
	guest.Rand(p)
	return hex.EncodeToString(p)
}

func ExampleRandSource() {
	dice := rand.New(guest.RandSource{})
	thrown := dice.IntN(6) + 1
	fmt.Println(1 <= thrown && thrown <= 6)
	// Output: true
}
