package explain

import (
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func TestEveryErrnoHasAPageOfItsOwn(t *testing.T) {
	for _, info := range core.Errnos {
		wantOwnPage(t, info.Name, Errno)
	}
}

func TestEveryCallHasAPageOfItsOwn(t *testing.T) {
	for _, call := range core.Calls {
		wantOwnPage(t, call.Name, Call)
	}
}

func TestEveryExceptionHasAPageOfItsOwn(t *testing.T) {
	for _, info := range core.Errnos {
		wantOwnPage(t, info.Exception, Exception)
	}
}

func wantOwnPage(t *testing.T, word string, kind Kind) {
	t.Helper()
	if p, ok := Look(word); !ok || p.Word != word || p.Kind != kind {
		t.Errorf("%s: the page is %q of kind %q", word, p.Word, p.Kind)
	}
}

func TestEveryPageOfAnErrnoOrACallIsOfOneThatExists(t *testing.T) {
	for _, e := range pages().entries {
		_, isErrno := findErrno(e.names[0])
		_, isCall := core.FindCall(e.names[0])
		if isErrno != (e.kind == Errno) || isCall != (e.kind == Call) {
			t.Errorf("%s is in the folder %s", e.names[0], e.kind)
		}
	}
}

func TestEveryNameLeadsToOnePage(t *testing.T) {
	owner := map[string]string{}
	for _, e := range pages().entries {
		for _, name := range e.names {
			if other, taken := owner[fold(name)]; taken {
				t.Errorf("%s is a name of %s and of %s", name, other, e.names[0])
			}
			owner[fold(name)] = e.names[0]
		}
	}
}

func TestEveryPageSaysItInItsOwnWords(t *testing.T) {
	first := map[string]string{}
	for _, e := range pages().entries {
		if other, twice := first[e.parts[0]]; twice {
			t.Errorf("%s and %s begin alike", e.names[0], other)
		}
		first[e.parts[0]] = e.names[0]
	}
}

func TestEveryPageHasItsParts(t *testing.T) {
	for _, e := range pages().entries {
		marks := map[string]int{}
		for _, part := range e.parts {
			mark, _, _ := strings.Cut(part, " ")
			marks[mark]++
		}
		if marks["-"] != 1 || marks["next:"] != 1 || marks["$"]+marks["see:"]+marks["to"] != 1 {
			t.Errorf("%s: one list, one way to see it and one next: are wanted, it has %v", e.names[0], marks)
		}
		if e.kind == Call && (e.keys["python"] == "" || e.keys["returns"] == "" || e.keys["c"] == "") {
			t.Errorf("%s lacks python:, returns: or c:", e.names[0])
		}
	}
}

func TestTheErrorsOfACallExist(t *testing.T) {
	for _, e := range pages().entries {
		for _, name := range e.list("errors") {
			if p, ok := Look(name); !ok || p.Kind != Errno && p.Kind != Exception {
				t.Errorf("%s fails with %s, which has no page", e.names[0], name)
			}
		}
	}
}

func TestWordsIsTheCallersOwn(t *testing.T) {
	words := Words()
	for _, want := range []string{"ECONNREFUSED", "WSAECONNREFUSED", "EWOULDBLOCK", "recv", "socket.error", "backlog"} {
		if !slices.Contains(words, want) {
			t.Errorf("%s is no word", want)
		}
	}
	words[0] = "changed"
	if Words()[0] == "changed" {
		t.Error("Words returns what pages are found by")
	}
}
