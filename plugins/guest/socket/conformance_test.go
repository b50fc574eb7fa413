//go:build !wasip1

package socket

import (
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
)

// The suite runs over the SDK's side of every call and a host in the same
// process. It runs in one goroutine, as a guest does.
func TestTheSDKConformsToTheVocabulary(t *testing.T) {
	network := func(t *testing.T) core.Network {
		lend(t, new(memnet.Network))
		return Network{}
	}
	coretest.Run(t, network, coretest.Options{SingleThreaded: true, UnknownName: "nobody.test"})
}
