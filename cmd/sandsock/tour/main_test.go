package tour

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// These variables make the test's own program the process that is attacked.
const (
	stageAttack  = "TOUR_TEST_ATTACK"
	stageWithout = "TOUR_TEST_WITHOUT"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(stageAttack); name != "" {
		attack, _ := Find(name)
		if err := Play(Stage{
			Attack: attack, Without: wasmhost.FindDefence(os.Getenv(stageWithout)),
			Network: native.Network{}, In: os.Stdin, Out: os.Stdout,
		}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// again runs the test's own program as the stage.
func again(ctx context.Context, attack, without string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), stageAttack+"="+attack, stageWithout+"="+without)
	return cmd
}
