package coretest

import (
	"os"
	"os/exec"
	"testing"
)

// Missing skips a test for want of something, which it names. Where
// SANDSOCK_FULL=1 says that everything has to run, it fails instead.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("SANDSOCK_FULL") == "1" {
		t.Fatal(what + " is missing, and SANDSOCK_FULL=1 wants it")
	}
	t.Skip(what + " is missing")
}

// NeedProgram returns the path of a program. Without it the test is skipped or
// fails, as [Missing] has it.
func NeedProgram(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name)
	}
	return path
}
