// Package faults makes one table of what the tests of all packages saw when
// they attacked: with the defence on, and with it switched off.
package faults

import (
	"os"
	"strings"
	"testing"
)

// File is the environment variable that names the file the rows go to. Each
// is a line of fields with a tab between: id, test, with, without. Where it is
// not set, a row is a line of the test's own log.
const File = "SANDSOCK_FAULTS"

// Nothing is the result without a defence that cannot be switched off.
const Nothing = "-"

// Always is that result, with the reason why there is no switch.
func Always(reason string) string { return Nothing + " (" + reason + ")" }

// Row adds a case to the table: T1, how the host fared with the defence, such
// as "ended after 12 ms, neighbour 3 ms", and how without.
func Row(t testing.TB, id, with, without string) {
	t.Helper()
	add(t, id, t.Name(), with, without)
}

func add(t testing.TB, id, name, with, without string) {
	t.Helper()
	path := os.Getenv(File)
	if path == "" {
		t.Logf("%s: %s; without: %s", id, with, without)
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fields := []string{id, name, with, without}
	for i, f := range fields {
		fields[i] = strings.Join(strings.Fields(f), " ")
	}
	if _, err := file.WriteString(strings.Join(fields, "\t") + "\n"); err != nil {
		t.Fatal(err)
	}
}
