package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
)

// sample is a line of Prometheus's text format.
type sample struct {
	name, route string
	value       float64
}

var (
	metricName = `sandsock_[a-z_]+`
	helpLine   = regexp.MustCompile(`^# HELP (` + metricName + `) ([^\\]+)$`)
	typeLine   = regexp.MustCompile(`^# TYPE (` + metricName + `) (counter|gauge)$`)
	sampleLine = regexp.MustCompile(`^(` + metricName + `)(?:\{route="((?:[^"\\\n]|\\["\\n])*)"(?:,gone="\d+")?\})? (\d+)$`)
)

// parseMetrics reads a page as strictly as the format is written: each name has
// its HELP, its TYPE and then all of its samples, once.
func parseMetrics(page string) (all []sample, err error) {
	if !strings.HasSuffix(page, "\n") {
		return nil, fmt.Errorf("the last line has no end")
	}
	seen := map[string]bool{}
	help, current, kind := "", "", ""
	for line := range strings.SplitSeq(strings.TrimSuffix(page, "\n"), "\n") {
		if m := helpLine.FindStringSubmatch(line); m != nil {
			help = m[1]
			continue
		}
		if m := typeLine.FindStringSubmatch(line); m != nil && m[1] == help && !seen[help] {
			current, kind = m[1], m[2]
			seen[current] = true
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != current || strings.HasSuffix(current, "_total") != (kind == "counter") {
			return nil, fmt.Errorf("line %q after %s %s", line, kind, current)
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return nil, err
		}
		all = append(all, sample{m[1], strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(m[2]), value})
	}
	return all, nil
}

func TestMetricsAreInPrometheussTextFormat(t *testing.T) {
	odd := "a\\b\"c\nd"
	one := control.Route{
		Name: odd, Versions: []control.Version{{Number: 3}, {Number: 2}}, Open: 4, Instances: 5,
		Connections: 6, Closed: 7, Failed: 8, Traps: 9, Stopped: 10, Refused: 11, Received: 12, Sent: 13, Fuel: 14, Swaps: 15, SwapsRefused: 16,
	}
	other := control.Route{Name: "udp://[::1]:53", Versions: []control.Version{{Number: 1}}}
	all, err := parseMetrics(metricsText(control.Status{
		Began: time.Unix(17, 0), Draining: true, Instances: 18, Memory: 19, Plugins: 20, Before: []control.Before{{PID: 21}}, Routes: []control.Route{one, other},
	}))
	check(t, err)
	got := map[string]float64{}
	for _, s := range all {
		if s.route == "" || s.route == odd {
			got[strings.TrimPrefix(s.name, "sandsock_")] = s.value
		}
	}
	for name, want := range map[string]float64{
		"version": 3, "versions": 2, "connections_open": 4, "instances_at_work": 5, "connections_total": 6, "connections_closed_total": 7,
		"connections_failed_total": 8, "traps_total": 9, "connections_stopped_total": 10, "connections_refused_total": 11,
		"received_bytes_total": 12, "sent_bytes_total": 13, "fuel_total": 14, "swaps_total": 15, "swaps_refused_total": 16,
		"start_time_seconds": 17, "instances": 18, "memory_bytes": 19, "plugins": 20, "predecessors": 1, "draining": 1,
	} {
		if value, is := got[name]; !is || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
		delete(got, name)
	}
	if len(got) > 0 || len(all) != 6+2*len(routeMetrics) {
		t.Errorf("there are %d samples, and nobody asked for %v", len(all), got)
	}
}

func TestTheParserOfMetricsFindsWhatIsWrong(t *testing.T) {
	head := "# HELP sandsock_a_total Help.\n# TYPE sandsock_a_total counter\n"
	for _, page := range []string{
		head + "sandsock_a_total 1", head + "sandsock_b_total 1\n", "sandsock_a_total 1\n", head + head, head + "sandsock_a_total{route=\"a\"b\"} 1\n",
		head + "sandsock_a_total{route=\"a\nb\"} 1\n", head + "sandsock_a_total{route=\"\\x\"} 1\n", "# TYPE sandsock_a_total counter\n",
		strings.ReplaceAll(head, "counter", "gauge") + "sandsock_a_total 1\n", head + "\n",
	} {
		if _, err := parseMetrics(page); err == nil {
			t.Errorf("nothing is wrong with %q", page)
		}
	}
}

// There are more clients than may ask at once.
func TestClientsOfMetricsThatSayNothingDoNotKeepItFromEnding(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	m := newMetricsServer(listener.(*net.TCPListener), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") }))
	m.begin()
	c, err := net.Dial("tcp", listener.Addr().String())
	check(t, err)
	defer c.Close()
	check(t, c.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	check(t, err)
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	check(t, err)
	page, err := io.ReadAll(response.Body)
	if err != nil || string(page) != "page" {
		t.Errorf("the page is %q, %v", page, err)
	}
	for range 50 {
		silent, err := net.Dial("tcp", listener.Addr().String())
		check(t, err)
		defer silent.Close()
	}
	closed := make(chan struct{})
	go func() {
		m.close()
		close(closed)
	}()
	soon(t, closed)
}

func TestNoMoreClientsOfMetricsThanThereMayBe(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer inner.Close()
	l := limitedListener{inner, make(chan struct{}, 2)}
	accepted := make(chan net.Conn, 3)
	go func() {
		for range 3 {
			if c, err := l.Accept(); err == nil {
				accepted <- c
			}
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		check(t, err)
		defer c.Close()
	}
	first, second := soon(t, accepted), soon(t, accepted)
	if len(l.open) != 2 || len(accepted) != 0 {
		t.Errorf("%d are accepted", 2+len(accepted))
	}
	check(t, first.Close())
	_ = first.Close()                   // gives back its place once
	check(t, soon(t, accepted).Close()) // the place of one that was closed is used
	check(t, second.Close())
	if len(l.open) != 0 {
		t.Errorf("%d places are taken at the end", len(l.open))
	}
}
