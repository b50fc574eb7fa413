package explain

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func TestLookKnowsAWordHoweverItIsWritten(t *testing.T) {
	for word, want := range map[string]string{
		"111": "ECONNREFUSED", "61": "ECONNREFUSED", "10061": "ECONNREFUSED", "-14": "ECONNREFUSED",
		"guest 14": "ECONNREFUSED", "14 in a guest": "ECONNREFUSED", "guest -14": "ECONNREFUSED",
		"61 on macOS": "ECONNREFUSED", "macos 61": "ECONNREFUSED", "36 on linux": "ENAMETOOLONG", "36 on macos": "EINPROGRESS",
		"14": "EFAULT", "-2": "EAI_NONAME", "1002": "EAI_NONAME", "11001": "EAI_NONAME", "2000": "ETIMEOUT",
		"econnrefused": "ECONNREFUSED", "WSAECONNREFUSED": "ECONNREFUSED", "errno.ECONNREFUSED": "ECONNREFUSED",
		"EWOULDBLOCK": "EAGAIN", "WSAEWOULDBLOCK": "EAGAIN", "EOPNOTSUPP": "ENOTSUP", "WSAHOST_NOT_FOUND": "EAI_NONAME",
		"ConnectionRefusedError": "ConnectionRefusedError", "connectionrefusederror": "ConnectionRefusedError",
		"socket.timeout": "TimeoutError", "timeout": "timeout", "socket.error": "OSError", "socket.gaierror": "gaierror",
		"TimeoutError: timed out":                                  "TimeoutError",
		"ConnectionRefusedError: [Errno 111] Connection refused":   "ECONNREFUSED",
		"[Errno 61] Connection refused":                            "ECONNREFUSED",
		"OSError: [WinError 10048] Only one usage of each address": "EADDRINUSE",
		"socket.gaierror: [Errno -2] Name or service not known":    "EAI_NONAME",
		"recv": "recv", "RECV": "recv", "recv()": "recv", "socket.recv": "recv", "sk.recv": "recv", "conn.recv(1024)": "recv",
		"connect-ex": "connect_ex", " listen ": "listen", "select.poll": "poll", "socket.socket": "socket",
		"half close": "half-close", "time wait": "TIME_WAIT", "b''": "EOF", "fd": "file descriptor", "0.0.0.0": "wildcard",
	} {
		if p, ok := Look(word); !ok || p.Word != want {
			t.Errorf("Look(%q) is %q, %v, want %q", word, p.Word, ok, want)
		}
	}
}

func TestLookDoesNotKnowEverything(t *testing.T) {
	for _, word := range []string{"", " ", ".", "()", "nonsense", "0", "99999", "port 80", "1 2 3", "guest 9999", "-0"} {
		if p, ok := Look(word); ok {
			t.Errorf("Look(%q) is %q", word, p.Word)
		}
	}
}

func TestEveryNumberOfEverySystemHasItsErrorsPage(t *testing.T) {
	for _, info := range core.Errnos {
		for at, number := range map[place]int{
			linux: info.Linux, macOS: numberAt(macOS, info), windows: numberAt(windows, info), guest: int(info.Errno),
		} {
			if number == 0 {
				continue
			}
			asked := strconv.Itoa(number) + " " + strings.ToLower(strings.TrimPrefix(string(at), "in a "))
			if p, ok := Look(asked); !ok || p.Word != info.Name {
				t.Errorf("Look(%q) is %q, want %s", asked, p.Word, info.Name)
			}
			if p, ok := Look(strconv.Itoa(number)); !ok || !strings.Contains(p.Text, info.Name) {
				t.Errorf("the page of %d does not say %s", number, info.Name)
			}
		}
	}
}

func TestANumberOfSeveralErrorsShowsEach(t *testing.T) {
	p, ok := Look("36")
	if !ok || p.Kind != Number || p.Word != "36" {
		t.Fatalf("the page of 36 is %+v", p)
	}
	want := `36 is not the same error everywhere

  Linux  ENAMETOOLONG  file name too long
  macOS  EINPROGRESS   operation now in progress

the text beside the number tells which one it was

next: sandsock explain ENAMETOOLONG
  or: sandsock explain EINPROGRESS
`
	if p.Text != want {
		t.Errorf("got:\n%s", p.Text)
	}
	if p, _ := Look("11"); p.Word != "EAGAIN" || !strings.Contains(p.Text, "11 is also EAI_SYSTEM (gaierror on macOS), ECANCELED (in a guest)") {
		t.Errorf("the page of 11 is\n%s", p.Text)
	}
}

func TestEveryNumberOfASystemHasOneMeaningThere(t *testing.T) {
	for _, word := range numberWords() {
		n, _ := strconv.Atoi(word)
		seen := map[place]string{}
		for _, s := range senses(n) {
			if other, twice := seen[s.place]; twice {
				t.Errorf("%d is %s and %s, %s", n, other, s.errno.Name, s.place)
			}
			seen[s.place] = s.errno.Name
		}
	}
}

func TestSuggest(t *testing.T) {
	for word, want := range map[string][]string{
		"ECONNREFUSD":      {"ECONNREFUSED"},
		"lisetn":           {"listen"},
		"socket.recvform":  {"recvfrom"},
		"conn":             {"connect", "connect_ex", "ConnectionError"},
		"BlockingIOErr":    {"BlockingIOError"},
		"10661":            {"10061"},
		"112358":           nil,
		"":                 nil,
		"quite another":    nil,
		"TimeOutErorr":     {"TimeoutError"},
		"backlogs":         {"backlog"},
		"getadrinfo('x')":  {"getaddrinfo"},
		"ConnectionRefuse": {"ConnectionRefusedError"},
	} {
		if got := Suggest(word); !slices.Equal(got, want) && (len(want) == 0 || !slices.Contains(got, want[0])) {
			t.Errorf("Suggest(%q) is %q, want %q", word, got, want)
		}
	}
	if got := Suggest("EA"); len(got) > 3 {
		t.Errorf("Suggest gives %d words", len(got))
	}
	if got := Suggest(strings.Repeat("x", 1000)); got != nil {
		t.Errorf("a long word is near to %q", got)
	}
}

func TestWhatSuggestGivesHasAPage(t *testing.T) {
	for _, word := range append(Words(), numberWords()...) {
		for _, near := range Suggest(word + "x") {
			if _, ok := Look(near); !ok {
				t.Errorf("Suggest(%q) gives %q, which has no page", word+"x", near)
			}
		}
	}
}

func FuzzLook(f *testing.F) {
	for _, word := range []string{"111", "guest 14", "[Errno 61] x", "recv(", ".", "a:b.c(", "-"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if p, ok := Look(word); ok != (p.Text != "") {
			t.Errorf("Look(%q) is %v with the text %q", word, ok, p.Text)
		}
		if near := Suggest(word); len(near) > 3 {
			t.Errorf("Suggest(%q) gives %d words", word, len(near))
		}
	})
}
