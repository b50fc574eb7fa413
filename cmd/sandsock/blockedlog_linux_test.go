package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// TestServingGoesOnWhenNobodyReadsTheLog is T65: standard error is a pipe of
// 64 KiB, and its reader stops to read.
func TestServingGoesOnWhenNobodyReadsTheLog(t *testing.T) {
	for _, how := range []string{"", "--json"} {
		t.Run("serve "+how, func(t *testing.T) {
			faults.Row(t, "T65", tried(t, func() (string, error) { return servedUnread(t, how, scaled(10_000)) }), faults.Always("the log's queue is its writer"))
		})
	}
}

// servedUnread is what n clients saw, one after another, of a server whose log
// is not read: its handler is healthy, and the neighbour of what is blocked.
func servedUnread(t *testing.T, how string, n int) (string, error) {
	t.Helper()
	log, address, command := blockedServer(t, how)
	client := faults.Neighbour{Visit: func() error { return visit(address) }, Within: neighbourAnswers}
	var err error
	for range n {
		err = cmp.Or(err, client.Ask())
	}
	rest := make(chan string)
	go func() {
		text, _ := io.ReadAll(log)
		rest <- string(text)
	}()
	check(t, command.Process.Signal(os.Interrupt))
	text := soon(t, rest)
	if err := command.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	dropped := regexp.MustCompile(`\d+ lines more came than were read`).FindString(text)
	if !testing.Short() && dropped == "" {
		t.Errorf("it does not say what was dropped: %q", text[max(0, len(text)-200):])
	}
	return fmt.Sprintf("%d connections while nobody reads, neighbour %v, %s", n, short(client.Slowest), dropped), err
}

// blockedServer starts a server whose log is read until it serves. Log goes on
// from there.
func blockedServer(t *testing.T, how string) (log *bufio.Reader, address string, command *exec.Cmd) {
	t.Helper()
	executable, err := os.Executable()
	check(t, err)
	args := append([]string{"serve", "--listen", "localhost:0"}, strings.Fields(how)...)
	command = exec.Command(executable, args...)
	command.Env = append(os.Environ(), child+"=command")
	reader, writer, err := os.Pipe()
	check(t, err)
	command.Stderr = writer
	if how == "--json" {
		command.Stdout, command.Stderr = writer, nil
	}
	check(t, command.Start())
	_ = writer.Close()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = reader.Close()
	})
	check(t, reader.SetDeadline(time.Now().Add(3*patience)))
	log = bufio.NewReaderSize(reader, 1024)
	line, err := log.ReadString('\n')
	check(t, err)
	port := regexp.MustCompile(`127\.0\.0\.1(?:', |:)(\d+)`).FindStringSubmatch(line)
	if port == nil {
		t.Fatalf("it begins with %q", line)
	}
	return log, "127.0.0.1:" + port[1], command
}
