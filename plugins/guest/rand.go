package guest

// Rand fills p with random bytes that the host draws at this call. They are
// fit for keys and tokens, and it never fails.
//
// What is drawn before a connection is not the connection's own. A handler's
// variables are initialized once, and every connection begins from a copy of
// what that left in memory: of each key that was made there, and of the seed
// with which Go's runtime began. So the functions of math/rand and
// math/rand/v2 that have no source of their own, and hash/maphash, give every
// connection the same numbers. A handler that needs its own asks Rand or
// [RandSource] while it serves. Package crypto/rand asks the host each time as
// well, and makes a handler larger.
//
// Outside a sandbox the bytes are crypto/rand's.
func Rand(p []byte) {
	if err := fill(p); err != nil {
		panic("guest: the host draws no random bytes: " + err.Error())
	}
}

// RandSource is a source of math/rand/v2 whose every number is drawn by [Rand]:
//
//	dice := rand.New(guest.RandSource{})
//
// Such a generator has no state: one that is made before a connection is as
// good.
type RandSource struct{}

// Uint64 returns a number of the whole range.
func (RandSource) Uint64() (n uint64) {
	var p [8]byte
	Rand(p[:])
	for _, b := range p {
		n = n<<8 | uint64(b)
	}
	return n
}
