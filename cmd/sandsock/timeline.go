package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// mark is one line of a timeline: a call that begins, and is over at once; or
// one of the two ends of a call that waited.
type mark struct {
	*tracedCall
	at       time.Time
	waits    bool // the call begins, and something happens before it ends
	finishes bool // the call that waited ends
}

// marksOf puts the calls into lines. A call that waits takes two where
// anything happened between its begin and its end.
func marksOf(calls []*tracedCall) []mark {
	var marks []mark
	for _, c := range calls {
		waits := mayWait(c) && slices.ContainsFunc(calls, func(d *tracedCall) bool { return d != c && within(d, c) })
		marks = append(marks, mark{tracedCall: c, at: c.began, waits: waits})
		if waits {
			marks = append(marks, mark{tracedCall: c, at: c.At, finishes: true})
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at.Compare(b.at) })
	return marks
}

// mayWait reports whether a call waits for the other side.
func mayWait(c *tracedCall) bool {
	return c.Call == "accept" || c.Call == "recv" || c.Call == "recvfrom"
}

// within reports whether d has a line while c is under way.
func within(d, c *tracedCall) bool {
	return during(d.began, c) || mayWait(d) && during(d.At, c)
}

func during(at time.Time, c *tracedCall) bool { return at.After(c.began) && at.Before(c.At) }

// line is a mark as text.
type line struct {
	ms    float64
	cells [2]string // by side
	arrow string
}

const (
	arrowWidth = 13
	callWidth  = 16 // before "… waiting"
	paused     = "  ┊"
)

// timeline returns the picture of the calls: two columns, and time downwards.
func timeline(calls []*tracedCall, handler string, p paint) string {
	var lines []line
	marks := marksOf(calls)
	waiting := [2]bool{}
	for _, m := range marks {
		l := line{ms: m.at.Sub(marks[0].at).Seconds() * 1e3, arrow: m.arrow()}
		waiting[m.side] = m.waits
		l.cells[m.side] = m.text()
		if waiting[m.side.other()] {
			l.cells[m.side.other()] = paused
		}
		lines = append(lines, l)
	}
	head := line{cells: [2]string{"server (" + handler + ")", "client"}}
	width := serverWidth(append(lines, head))
	picture := "  ms    " + head.text(width, p)
	for _, l := range lines {
		picture += fmt.Sprintf("\n%5.1f   %s", l.ms, l.text(width, p))
	}
	return picture
}

// serverWidth is as wide as the widest cell with something to its right.
func serverWidth(lines []line) (width int) {
	for _, l := range lines {
		if l.arrow != "" || l.cells[client] != "" {
			width = max(width, utf8.RuneCountInString(l.cells[server]))
		}
	}
	return width
}

func (l line) text(width int, p paint) string {
	arrow := pad(l.arrow, arrowWidth)
	if l.arrow != "" {
		arrow = p.name(l.arrow) + strings.TrimPrefix(arrow, l.arrow)
	}
	return strings.TrimRight(pad(l.cells[server], width)+"  "+arrow+l.cells[client], " ")
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

func (m mark) text() string {
	switch {
	case m.waits:
		begun := m.Event
		begun.Ended = false
		return pad(m.object()+"."+begun.String(), callWidth) + " … waiting " + milliseconds(m.At.Sub(m.began))
	case m.finishes:
		return "→ " + m.Result() + m.remark()
	case m.Call == "socket":
		return m.object() + " = socket.socket()"
	}
	return m.object() + "." + m.Event.String() + m.remark()
}

// object is the variable a socket would be in: s and conn, or c.
func (m mark) object() string {
	switch {
	case m.side == client:
		return "c"
	case m.Socket == 1:
		return "s"
	}
	return "conn"
}

// remark explains the empty bytes.
func (m mark) remark() string {
	if m.Call == "recv" && m.Err == nil && m.N == 0 && m.Size > 0 {
		return "   (" + [...]string{"client", "server"}[m.side] + " closed)"
	}
	return ""
}

// arrow shows the bytes a call sent.
func (m mark) arrow() string {
	if m.Err != nil || m.N == 0 || m.Call != "send" {
		return ""
	}
	if m.side == client {
		return "◀── " + size(m.N) + " ──"
	}
	return "── " + size(m.N) + " ──▶"
}
