package nearest

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	words := []string{"echo", "serve", "send", "sendto", "sendall", "recv", "recvfrom", "talk"}
	for _, tt := range []struct {
		typed string
		want  []string
	}{
		{"ehco", []string{"echo"}},
		{"srve", []string{"serve"}},
		{"recieve", []string{}},
		{"recv_from", []string{"recv", "recvfrom"}},
		{"sendfile", []string{"send"}},
		{"sen", []string{"send", "sendto", "sendall"}},
		{"tlak", []string{"talk"}},
		{"frobnicate", nil},
		{"x", nil},
		{"", nil},
		{strings.Repeat("s", 1<<20), nil},
	} {
		if got := Words(tt.typed, words); !slices.Equal(got, tt.want) {
			t.Errorf("%.20s: got %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1},
		{"abc", "abd", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
