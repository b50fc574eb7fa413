package main

import (
	"fmt"
	"strings"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
)

// metric is one name of Prometheus's text format, version 0.0.4, of each route.
type metric struct {
	name, kind, help string
	of               func(control.Route) int64
}

var routeMetrics = []metric{
	{"connections_open", "gauge", "Connections now.", func(r control.Route) int64 { return int64(r.Open) }},
	{"instances_at_work", "gauge", "Handlers at work.", func(r control.Route) int64 { return int64(r.Instances) }},
	{"version", "gauge", "Number of the version that gets what comes.", func(r control.Route) int64 { return r.Versions[0].Number }},
	{"versions", "gauge", "Versions that serve, with those that only have connections left.", func(r control.Route) int64 { return int64(len(r.Versions)) }},
	{"connections_total", "counter", "Connections that began.", func(r control.Route) int64 { return r.Connections }},
	{"connections_closed_total", "counter", "Connections whose handler returned 0.", func(r control.Route) int64 { return r.Closed }},
	{"connections_failed_total", "counter", "Connections whose handler trapped, returned an error or could not start.", func(r control.Route) int64 { return r.Failed }},
	{"connections_stopped_total", "counter", "Connections that the host ended.", func(r control.Route) int64 { return r.Stopped }},
	{"connections_refused_total", "counter", "Connections that were closed as they came.", func(r control.Route) int64 { return r.Refused }},
	{"traps_total", "counter", "Handlers that trapped.", func(r control.Route) int64 { return r.Traps }},
	{"received_bytes_total", "counter", "Bytes that handlers received.", func(r control.Route) int64 { return r.Received }},
	{"sent_bytes_total", "counter", "Bytes that handlers sent.", func(r control.Route) int64 { return r.Sent }},
	{"fuel_total", "counter", "Instructions executed by handlers that have ended.", func(r control.Route) int64 { return r.Fuel }},
	{"swaps_total", "counter", "Handlers that were swapped in.", func(r control.Route) int64 { return r.Swaps }},
	{"swaps_refused_total", "counter", "Handlers that were to be swapped in and could not be.", func(r control.Route) int64 { return r.SwapsRefused }},
}

// metricsText is the page: what is of the process, then each name with a line
// for every route.
func metricsText(s control.Status) string {
	var page strings.Builder
	head := func(name, kind, help string) string {
		name = "sandsock_" + name
		fmt.Fprintf(&page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
		return name
	}
	single := func(name, help string, value int64) { fmt.Fprintf(&page, "%s %d\n", head(name, "gauge", help), value) }
	single("start_time_seconds", "When it began to serve, in seconds since 1970.", s.Began.Unix())
	single("draining", "1 while it drains, else 0.", oneIf(s.Draining))
	single("instances", "Handlers at work, and those that are kept ready.", s.Instances)
	single("memory_bytes", "Memory of all instances, as the budget counts it.", s.Memory)
	single("predecessors", "Processes that this one succeeded and that drain.", int64(len(s.Before)))
	single("plugins", "Plugins whose compiled code is in memory.", int64(s.Plugins))
	for _, m := range routeMetrics {
		name := head(m.name, m.kind, m.help)
		for _, r := range s.Routes {
			fmt.Fprintf(&page, "%s{%s} %d\n", name, labels(r), m.of(r))
		}
	}
	return page.String()
}

// labels tell routes apart: another may have the name, and even the address, of
// one that is gone from the plan and has connections left.
func labels(r control.Route) string {
	route := `route="` + escapeLabel(r.Name) + `"`
	if r.Gone == 0 {
		return route
	}
	return fmt.Sprintf(`%s,gone="%d"`, route, r.Gone)
}

func oneIf(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// escapeLabel escapes what the format asks for: a backslash, a quote, and the
// end of a line.
func escapeLabel(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value)
}
