package faults

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

const stage = "FAULTS_TEST_STAGE"

// neighbours echo a byte, after a while.
func neighbours(after time.Duration) func(t *testing.T) string {
	return func(t *testing.T) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for first := true; ; first = false {
				c, err := l.Accept()
				if err != nil {
					return
				}
				p := make([]byte, 1)
				if _, err := c.Read(p); err == nil {
					if !first {
						<-time.After(after)
					}
					_, _ = c.Write(p)
				}
				_ = c.Close()
			}
		}()
		return l.Addr().String()
	}
}

// TestOnStage is what the children of the next test do.
func TestOnStage(t *testing.T) {
	does := os.Getenv(stage)
	if does == "" {
		t.Skip("is played by TestWhatBecomesOfAChild")
	}
	after := time.Duration(0)
	if does == "slow" {
		after = 2 * answers
	}
	if RanApart(t, neighbours(after)) {
		return
	}
	if RanApart(t, nil) {
		t.Error("a child has a child")
	}
	asked := time.After(2 * after) // until the neighbour was asked twice
	t.Run("within", func(t *testing.T) {
		<-asked
		switch does {
		case "fails":
			t.Error("as it should")
		case "dies":
			os.Exit(3)
		}
	})
	Row(t, "T1", "held", Nothing)
	if does == "skips" {
		t.Skip("for a reason")
	}
}

func TestWhatBecomesOfAChild(t *testing.T) {
	for does, want := range map[string]struct {
		ended, watched, output string
		skipped                bool
	}{
		"passes": {output: "--- PASS: TestOnStage/within"},
		"fails":  {ended: "exit status 1", output: "as it should"},
		"dies":   {ended: "exit status 3"},
		"skips":  {skipped: true, output: "for a reason"},
		"slow":   {watched: "the neighbour took "},
	} {
		t.Run(does, func(t *testing.T) {
			var c *child
			for range 3 { // the machine may be slow once, or twice
				c = apart(t, "TestOnStage", append(os.Environ(), stage+"="+does))
				if c.ended != nil {
					c.watched = nil // its neighbour goes with it
				}
				passed := len(c.rows) == 1 && c.rows[0] == "T1\tTestOnStage\theld\t-" && c.slowest > 0
				if has(c.ended, want.ended) && has(c.watched, want.watched) && c.skipped == want.skipped &&
					strings.Contains(c.output, want.output) && (passed || does != "passes") {
					return
				}
			}
			t.Errorf("%+v, want %+v", c, want)
		})
	}
}

func has(err error, text string) bool {
	return text == "" && err == nil || text != "" && err != nil && strings.Contains(err.Error(), text)
}

func TestThePatternIsOfOneTest(t *testing.T) {
	if got, want := exactly("TestA/b+c"), `^TestA$/^b\+c$`; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}
