package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/core/nearest"
)

func newRoot(a *app) *cobra.Command {
	cobra.EnableCommandSorting = false // they stand in the order of a first visit
	root := &cobra.Command{
		Use:   "sandsock",
		Short: "real sockets for sandboxed plugins",
		Example: `  sandsock echo                            the echo exercise, call by call
  sandsock serve                           serve the bundled handler on localhost:6565
  sandsock serve shout.wasm                serve a handler of your own
  sandsock serve -f sandsock.toml          serve what a configuration file says
  sandsock talk localhost:6565 -m 'hi\n'   say something to it
  sandsock tour sandbox                    plugins that attack, and what stops them`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	root.AddCommand(newEcho(a), newServe(a), newStatus(a), newSwap(a), newRollback(a), newDrain(a), newTalk(a), newRun(a), newInspect(a), newExplain(a), newTour(a), newBench(a), newVersion(a),
		newTourStage(a), newBenchNative(a), newCompile(a))
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.talk)
	root.SetFlagErrorFunc(flagFailure)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { a.help(c) })
	root.SetHelpCommand(newHelp(a))
	return root
}

func unknownCommand(root *cobra.Command, typed string) error {
	return &failure{
		code: exitUsage,
		text: "there is no command " + printable(typed) + nearest.Guess(typed, commandNames(root)),
		next: "all commands: sandsock help",
	}
}

func commandNames(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// usage is a wrong command line of a command.
func usage(c *cobra.Command, text string) error {
	return &failure{code: exitUsage, text: text, next: "how it is used: " + c.CommandPath() + " --help"}
}

// flagFailure says what is wrong with a flag in words of ours.
func flagFailure(c *cobra.Command, err error) error {
	if typed := c.Flags().Args(); !c.HasParent() && len(typed) > 0 {
		return unknownCommand(c, typed[0]) // whose flags the root cannot know
	}
	var unknown *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		name := unknown.GetSpecifiedName()
		guess := nearest.Guess("--"+name, flagNames(c))
		if guess == "" {
			guess = nearest.Guess(name, commandNames(c)) // --version
		}
		return usage(c, "there is no flag --"+printable(name)+guess)
	case errors.As(err, &unknown):
		return usage(c, "there is no flag -"+printable(unknown.GetSpecifiedName()))
	case errors.As(err, &bare) && bare.GetSpecifiedShortnames() != "":
		return usage(c, "-"+bare.GetSpecifiedName()+" needs a value")
	case errors.As(err, &bare):
		return usage(c, "--"+bare.GetSpecifiedName()+" needs a value")
	case errors.As(err, &wrong):
		return usage(c, "--"+wrong.GetFlag().Name+" "+wrongValue(wrong))
	}
	return usage(c, printable(err.Error()))
}

func flagNames(c *cobra.Command) (names []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

// wrongValue completes a sentence that begins with the flag. Flags with a
// type of ours say what is wrong with a value themselves.
func wrongValue(e *pflag.InvalidValueError) string {
	value := printable(e.GetValue())
	switch e.GetFlag().Value.Type() {
	case "int":
		return value + ": it is a whole number"
	case "duration":
		return value + ": it is a time such as 500ms or 2s"
	case "bool":
		return value + ": it is true or false"
	}
	return e.Unwrap().Error()
}

// noArgs and atMostOne refuse arguments a command has no use for.
func noArgs(c *cobra.Command, args []string) error { return atMost(0, c, args) }

func atMostOne(c *cobra.Command, args []string) error { return atMost(1, c, args) }

func atMost(n int, c *cobra.Command, args []string) error {
	if len(args) > n {
		return usage(c, "there is no place for "+printable(args[n]))
	}
	return nil
}
