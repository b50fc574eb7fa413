package main

import (
	"fmt"
	"strings"

	"github.com/sandsock/sandsock/cmd/sandsock/tour"
)

// printResult is one attack: what it tried, what came of it, what it cost and
// where the host's answer is.
func (a *app) printResult(r tour.Result) {
	p := a.onOut
	a.print("%s   %s", p.name(r.Attack), r.Tries)
	switch {
	case r.Held && r.Without == "":
		a.print("  %s", p.good("held, "+ending(r)))
	case r.Harm != "":
		a.print("  %s", p.bad(off(r)+printable(r.Harm)))
	default:
		a.print("  %s", p.bad(off(r)+"no harm was seen, "+ending(r)))
	}
	a.print("  cost   %s", cost(r))
	a.print("  host   %s\n", strings.Join(r.By, ", "))
}

func off(r tour.Result) string {
	if r.Without == "" {
		return ""
	}
	return "without " + r.Without + ": "
}

// ending is the event and the reason as the log has it.
func ending(r tour.Result) string {
	if r.Reason == "" {
		return r.Ended
	}
	return r.Ended + ": " + printable(r.Reason)
}

// cost is what the attack took from the others.
func cost(r tour.Result) string {
	parts := []string{milliseconds(r.Took)}
	if r.Fuel > 0 {
		parts = append(parts, "fuel "+count(r.Fuel))
	}
	if r.Before > 0 {
		parts = append(parts, "memory at most "+size(r.Before)+" → "+size(r.Memory))
	}
	return strings.Join(append(parts, "bystander's worst round trip "+milliseconds(r.Bystander)), ", ")
}

// count is a number that is too large to read: 200 M.
func count(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprint(n)
	case n < 10_000_000:
		return fmt.Sprintf("%d k", n/1000)
	}
	return fmt.Sprintf("%d M", n/1_000_000)
}

// sumUp is the tour's end. With a defence left out it is well where its harm
// was seen.
func (a *app) sumUp(results []tour.Result, f tourFlags) error {
	held, harmed := 0, 0
	for _, r := range results {
		if r.Held {
			held++
		}
		if r.Harm != "" {
			harmed++
		}
	}
	well, did := held, "held"
	if f.without != "" {
		well, did = harmed, "harmful without "+string(f.without)
	}
	sum := fmt.Sprintf("%d of %s %s", well, plural(len(results), "attack"), did)
	if well < len(results) {
		return &failure{code: exitFailed, text: sum, next: nextAfterLoss(f)}
	}
	if f.json {
		return nil
	}
	a.print("%s", a.onOut.good(sum))
	a.nextAfterTour(results, f)
	return nil
}

func nextAfterLoss(f tourFlags) string {
	if f.without != "" {
		return "it is another defence that holds it: sandsock tour sandbox"
	}
	return "that is a hole, please report it: the README says how"
}

func (a *app) nextAfterTour(results []tour.Result, f tourFlags) {
	first := results[0]
	attack, _ := tour.Find(first.Attack)
	switch {
	case f.without != "":
		a.next("sandsock tour sandbox "+first.Attack, "the same with all defences")
	case attack.Defence == "":
		a.next("sandsock inspect "+attack.Plugin(), "what is in it")
	default:
		a.next("sandsock tour sandbox "+first.Attack+" --without "+attack.Defence, "what would have happened")
	}
}
