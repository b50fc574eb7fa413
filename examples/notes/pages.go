package main

import (
	"io"

	"github.com/sandsock/sandsock/core"
	protocols "github.com/sandsock/sandsock/examples/notes/1-protocols"
	layers "github.com/sandsock/sandsock/examples/notes/2-layers"
	encapsulation "github.com/sandsock/sandsock/examples/notes/3-encapsulation"
	bind "github.com/sandsock/sandsock/examples/notes/4-01-bind"
	listen "github.com/sandsock/sandsock/examples/notes/4-02-listen"
	setblocking "github.com/sandsock/sandsock/examples/notes/4-03-setblocking"
	accept "github.com/sandsock/sandsock/examples/notes/4-04-accept"
	connect "github.com/sandsock/sandsock/examples/notes/4-05-connect"
	connect_ex "github.com/sandsock/sandsock/examples/notes/4-06-connect_ex"
	recv "github.com/sandsock/sandsock/examples/notes/4-07-recv"
	recvfrom "github.com/sandsock/sandsock/examples/notes/4-08-recvfrom"
	send "github.com/sandsock/sandsock/examples/notes/4-09-send"
	settimeout "github.com/sandsock/sandsock/examples/notes/4-10-settimeout"
	sendto "github.com/sandsock/sandsock/examples/notes/4-11-sendto"
	getpeername "github.com/sandsock/sandsock/examples/notes/4-12-getpeername"
	getsockname "github.com/sandsock/sandsock/examples/notes/4-13-getsockname"
	fileno "github.com/sandsock/sandsock/examples/notes/4-14-fileno"
	exercise "github.com/sandsock/sandsock/examples/notes/5-exercise"
)

// page is one folder: a page to read, and the program that shows it.
type page struct {
	section string // its number in the notes
	name    string
	show    func(network core.Network, out io.Writer) error
}

// pages is every page in the order of the notes.
var pages = []page{
	{"1", "protocols", protocols.Show},
	{"2", "layers", layers.Show},
	{"3", "encapsulation", encapsulation.Show},
	{"4-01", "bind", bind.Show},
	{"4-02", "listen", listen.Show},
	{"4-03", "setblocking", setblocking.Show},
	{"4-04", "accept", accept.Show},
	{"4-05", "connect", connect.Show},
	{"4-06", "connect_ex", connect_ex.Show},
	{"4-07", "recv", recv.Show},
	{"4-08", "recvfrom", recvfrom.Show},
	{"4-09", "send", send.Show},
	{"4-10", "settimeout", settimeout.Show},
	{"4-11", "sendto", sendto.Show},
	{"4-12", "getpeername", getpeername.Show},
	{"4-13", "getsockname", getsockname.Show},
	{"4-14", "fileno", fileno.Show},
	{"5", "exercise", exercise.Show},
}

// folder is where the page is: 4-07-recv.
func (p page) folder() string { return p.section + "-" + p.name }

func find(name string) (page, bool) {
	for _, p := range pages {
		if p.name == name {
			return p, true
		}
	}
	return page{}, false
}
