package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest/socket"
)

// network is the one the host lends, within the program's grants.
var network core.Network = socket.Network{}
