package memnet_test

import (
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestConformance(t *testing.T) {
	network := func(*testing.T) core.Network { return new(memnet.Network) }
	coretest.Run(t, network, coretest.Options{UnknownName: "nobody.invalid"})
}
