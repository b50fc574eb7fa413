//go:build !linux

package codecache

// feed is native code on its way to the engine, of which there is none here:
// all of it is copied first.
type feed struct{}

func feedFrom(string, []byte, *pieces) (*feed, error) { return nil, nil }

func (*feed) end() error { return nil }
