//go:build !wasip1

package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
)

// network is the operating system's.
var network core.Network = native.Network{}
