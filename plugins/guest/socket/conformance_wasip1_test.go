package socket

import (
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
)

// The suite inside the sandbox, over whatever host runs this test.
func TestTheSandboxConformsToTheVocabulary(t *testing.T) {
	network := func(*testing.T) core.Network { return Network{} }
	coretest.Run(t, network, coretest.Options{SingleThreaded: true})
}
