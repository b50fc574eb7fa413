package main

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWithoutANameItListsThePages(t *testing.T) {
	out, talk, code := command()
	if code != 0 || talk != "" || strings.Count(out, "\n") != len(pages)+1 {
		t.Errorf("exit %d, said %q, printed\n%s", code, talk, out)
	}
	if !strings.Contains(out, "recv           examples/notes/4-07-recv\n") {
		t.Errorf("recv is not in\n%s", out)
	}
}

func TestAWrongNameIsAUsageError(t *testing.T) {
	out, talk, code := command("recvv")
	if code != 2 || out != "" || !strings.HasPrefix(talk, `there is no page "recvv"`) {
		t.Errorf("exit %d, said %q, printed %q", code, talk, out)
	}
}

func TestSeveralPagesStandUnderTheirNames(t *testing.T) {
	out, _, code := command("fileno", "recv")
	if code != 0 || !strings.HasPrefix(out, "== fileno\n") || !strings.Contains(out, "\n== recv\n") {
		t.Errorf("exit %d, printed %q", code, out)
	}
}

func TestAPageThatFailsIsAPythonErrorAndExit1(t *testing.T) {
	network := &memnet.Network{Faults: func(call string, _ int) memnet.Fault {
		if call == "connect" {
			return memnet.Fault{Err: core.ECONNREFUSED}
		}
		return memnet.Fault{}
	}}
	var out, talk bytes.Buffer
	code := run([]string{"layers"}, network, &out, &talk)
	if want := "ConnectionRefusedError: [Errno 111] Connection refused\n"; code != 1 || talk.String() != want {
		t.Errorf("exit %d, said %q, want %q", code, talk.String(), want)
	}
}

func command(names ...string) (out, talk string, code int) {
	var stdout, stderr bytes.Buffer
	code = run(names, new(memnet.Network), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}
