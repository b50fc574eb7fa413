package script

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/memnet"
)

const exercise = `
# The exercise.
== a message is answered
server = socket inet stream
server.bind 127.0.0.1:0
server.listen 5
client = socket inet stream
client.connect server
conn = server.accept
client.send 'holle world!'
conn.recv 1024
conn.close
client.recv 1024

== nothing is there
a = socket inet dgram
a.setblocking False
a.recv 10
`

func TestParse(t *testing.T) {
	cases, err := Parse(exercise)
	if err != nil || len(cases) != 2 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	if want := "== nothing is there\na = socket inet dgram\na.setblocking False\na.recv 10\n"; cases[1].String() != want {
		t.Errorf("got %q, want %q", cases[1], want)
	}
	if _, err := Parse("a.close\n"); err == nil {
		t.Error("a line before the first title is accepted")
	}
}

func TestALineTakenApart(t *testing.T) {
	for line, want := range map[string]statement{
		"a = socket inet stream":       {"a", "", "socket", []string{"inet", "stream"}},
		"conn = a.accept":              {"conn", "a", "accept", []string{}},
		"a.send 'holle world!' peek":   {"", "a", "send", []string{"'holle world!'", "peek"}},
		"a.sendto 'x y'*3 127.0.0.1:b": {"", "a", "sendto", []string{"'x y'*3", "127.0.0.1:b"}},
		"poll a:in|out 0.05":           {"", "", "poll", []string{"a:in|out", "0.05"}},
	} {
		if got := parseLine(line); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", line, got, want)
		}
	}
}

func TestOutcomesArePythons(t *testing.T) {
	cases, err := Parse(exercise)
	if err != nil {
		t.Fatal(err)
	}
	machine := NewMachine(new(memnet.Network))
	want := []string{"socket", "None", "None", "socket", "None", "socket, ('127.0.0.1', client)", "12",
		"b'holle world!'", "None", "end of stream"}
	if got := machine.Run(cases[0].Lines); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want = []string{"socket", "None", "BlockingIOError 11"}
	if got := machine.Run(cases[1].Lines); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMistakeInACaseIsToldFromAnOutcome(t *testing.T) {
	for _, line := range []string{"a.jump", "a.recv ten", "a.send x", "a.recv 1 loudly", "poll a:colour 0", "a.recv -1",
		"a.setsockopt NOSUCH 1", "jump", "a.sendto 'x'", "poll", "a.await luck"} {
		outcomes := NewMachine(new(memnet.Network)).Run([]string{"a = socket inet stream", line})
		if !strings.HasPrefix(outcomes[1], Malformed) {
			t.Errorf("%s: %s", line, outcomes[1])
		}
	}
}

func TestAPartyThatIsNotThereIsAnOutcome(t *testing.T) {
	lines := []string{"conn = a.accept", "a = socket inet stream", "conn = a.accept", "conn.recv 10", "a.connect b", "poll conn:in 0"}
	want := []string{"no a", "socket", "OSError 22", "no conn", "no address b", "no conn"}
	if got := NewMachine(new(memnet.Network)).Run(lines); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestServeAnswersCaseByCase(t *testing.T) {
	var out bytes.Buffer
	in := "a = socket inet stream\na.getsockname\n\na.close\n\n"
	if err := Serve(new(memnet.Network), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if want := "socket\n('0.0.0.0', 0)\n\nno a\n\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
