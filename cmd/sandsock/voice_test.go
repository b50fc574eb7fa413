package main

import (
	"bytes"
	"net/netip"
	"testing"
	"time"
)

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		size(0): "0 B", size(999): "999 B", size(1000): "1.0 kB", size(2_600_000): "2.6 MB", size(int64(3e9)): "3.0 GB",
		milliseconds(40 * time.Microsecond):    "0.04 ms",
		milliseconds(3100 * time.Microsecond):  "3.1 ms",
		milliseconds(2500 * time.Millisecond):  "2.5 s",
		plural(0, "call") + plural(1, " call"): "0 calls1  call",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhatAStrangerWroteIsEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"upper.wasm":                           "upper.wasm",
		"\x1b[31mred\n":                        `\x1b[31mred\n`,
		`say "hi"`:                             `say "hi"`,
		"\u202ereversed":                       `\u202ereversed`,
		string(bytes.Repeat([]byte("x"), 200)): string(bytes.Repeat([]byte("x"), 100)) + "...",
	} {
		if got := printable(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestColoursAreOnlyForTerminals(t *testing.T) {
	if got := paint(true).good("pass"); got != "\x1b[32m✔\x1b[0m pass" {
		t.Errorf("got %q", got)
	}
	if got := paint(false).bad("fail"); got != "✘ fail" {
		t.Errorf("got %q", got)
	}
	if v := newVoice(nil, new(bytes.Buffer), new(bytes.Buffer)); v.onOut || v.onTalk {
		t.Error("a buffer is no terminal")
	}
}

func TestWhatToTypeToReachARoute(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:6565": "localhost:6565", "0.0.0.0:6565": "localhost:6565", "192.0.2.1:80": "192.0.2.1:80",
		"[::1]:6565": "[::1]:6565", "[::]:6565": "[::1]:6565",
	} {
		if got := typed(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

func TestMessagesHaveEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", `a\nb`: "a\nb", `\x00\xff`: "\x00\xff", `\\n`: `\n`, `\'\"`: `'"`, `\101`: "A",
		"é\xff": "é\xff", `\u00e9`: "é", "": "",
	} {
		if got, err := unescape(text); string(got) != want || err != nil {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{`\`, `\q`, `\x0`, `\400`} {
		if got, err := unescape(text); err == nil {
			t.Errorf("%s: got %q", text, got)
		}
	}
}
