package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/cmd/sandsock/tour"
	"github.com/sandsock/sandsock/core/nearest"
	"github.com/sandsock/sandsock/wasmhost"
)

// tourFlags is the command line of `sandsock tour sandbox`.
type tourFlags struct {
	without defenceFlag
	json    bool
}

// defenceFlag is the flag --without; empty where it is not given.
type defenceFlag string

func (f *defenceFlag) String() string { return string(*f) }
func (f *defenceFlag) Type() string   { return "DEFENCE" }

func (f *defenceFlag) Set(name string) error {
	shown := shownDefences()
	if !slices.Contains(shown, name) {
		return errors.New(strconv.Quote(name) + ": the defences are " + strings.Join(shown, ", ") + nearest.Guess(name, shown))
	}
	*f = defenceFlag(name)
	return nil
}

func newTour(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "tour",
		Short: "see the sandbox hold what attacks it",
		Example: `  sandsock tour sandbox                       every attack, live
  sandsock tour sandbox loop                  one
  sandsock tour sandbox loop --without fuel   the same with that defence off`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(c, "there is no tour "+printable(args[0])+nearest.Guess(args[0], commandNames(c)))
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			a.print("the tours:\n%s", commandList(c))
			a.next("sandsock tour sandbox", "every attack of the gallery, about ten seconds")
			return nil
		},
	}
	c.AddCommand(newTourSandbox(a))
	return c
}

func newTourSandbox(a *app) *cobra.Command {
	var f tourFlags
	c := &cobra.Command{
		Use:   "sandbox [ATTACK]",
		Short: "plugins that attack, what stops each, and what it cost",
		Example: `  sandsock tour sandbox                       every attack, live
  sandsock tour sandbox loop                  one
  sandsock tour sandbox --without fuel        those that a defence holds, with it off
  sandsock tour sandbox loop --without fuel   one of them`,
		Long: `each attack is a bundled plugin, misbehave/loop and so on, and runs in a process of its own
beside a healthy handler that is asked all the while. with a defence off that process is ended
after a few seconds, and on Linux may have 512 MB; nothing else is at risk
attacks: ` + strings.Join(attackNames(""), ", ") + `
defences: ` + strings.Join(shownDefences(), ", "),
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			attacks, err := f.plan(c, args)
			if err != nil {
				return err
			}
			return a.tourSandbox(attacks, f)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().Var(&f.without, "without", "leave this defence out, to see what would have happened")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON object a line for every attack")
	return c
}

// attackNames are those that a defence holds; all for an empty name.
func attackNames(defence string) (names []string) {
	for _, attack := range tour.Attacks {
		if defence == "" || attack.Defence == defence {
			names = append(names, attack.Name)
		}
	}
	return names
}

// shownDefences are those that can be left out on the tour.
func shownDefences() (names []string) {
	for _, name := range wasmhost.DefenceNames() {
		if len(attackNames(name)) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// plan returns the attacks that the command line asks for.
func (f *tourFlags) plan(c *cobra.Command, args []string) (plan []tour.Attack, err error) {
	names := attackNames(string(f.without))
	if len(args) > 0 {
		names = args
	}
	for _, name := range names {
		attack, ok := tour.Find(strings.TrimPrefix(name, "misbehave/"))
		if !ok {
			return nil, usage(c, "there is no attack "+printable(name)+nearest.Guess(name, attackNames("")))
		}
		plan = append(plan, attack)
	}
	return plan, nil
}

// tourSandbox plays the attacks one after another.
func (a *app) tourSandbox(attacks []tour.Attack, f tourFlags) error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	again := func(ctx context.Context, attack, without string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, executable, stageName, attack, "--without", without)
		cmd.Args[0] = "sandsock"
		return cmd
	}
	var results []tour.Result
	for _, attack := range attacks {
		result, err := tour.Watch(a.drain, attack, string(f.without), again)
		if err != nil {
			return a.orInterrupted(cannotPlay(attack, err))
		}
		results = append(results, result)
		if f.json {
			err = json.NewEncoder(a.out).Encode(result)
		} else {
			a.printResult(result)
		}
		if err != nil {
			return err
		}
	}
	return a.sumUp(results, f)
}

func cannotPlay(attack tour.Attack, err error) error {
	if errors.Is(err, tour.ErrUnbounded) {
		return &failure{code: exitInconclusive, text: err.Error(), next: "held, it can be seen here: sandsock tour sandbox " + attack.Name}
	}
	return &failure{code: exitFailed, text: attack.Name + ": " + err.Error()}
}

// stageName is the command that [app.tourSandbox] runs again.
const stageName = "tour-stage"

func newTourStage(a *app) *cobra.Command {
	var without string
	c := &cobra.Command{
		Use:    stageName + " ATTACK",
		Short:  "be the process that the tour attacks",
		Hidden: true,
		Args:   atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			attack, ok := tour.Find(strings.Join(args, ""))
			if !ok {
				return usage(c, "this is a part of sandsock tour sandbox")
			}
			return tour.Play(tour.Stage{
				Attack: attack, Without: wasmhost.FindDefence(without), Network: a.network, In: a.in, Out: a.out,
			})
		},
	}
	c.Flags().StringVar(&without, "without", "", "leave this defence out")
	return c
}
