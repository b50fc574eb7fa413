//go:build linux || darwin || freebsd

package native_test

import (
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/native"
)

func TestConformance(t *testing.T) {
	network := func(*testing.T) core.Network { return native.Network{} }
	coretest.Run(t, network, coretest.Options{
		UnknownName: "nosuch.onion", // RFC 7686: a resolver never asks for it
	})
}
