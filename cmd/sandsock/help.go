package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// help is a command's screen: its examples first.
func (a *app) help(c *cobra.Command) {
	a.print("%s: %s", c.CommandPath(), c.Short)
	if c.Example != "" {
		a.print("\n%s", c.Example)
	}
	if c.Long != "" {
		a.print("\n%s", c.Long)
	}
	if commands := commandList(c); commands != "" {
		a.print("\ncommands:\n%s", commands)
	} else {
		a.print("\nusage: %s", c.UseLine())
	}
	a.print("\nflags:\n%s", flagList(c.LocalFlags()))
	a.print("\nnext: %s", nextAfterHelp(c))
}

func commandList(c *cobra.Command) string {
	var lines []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			lines = append(lines, "  "+sub.Name()+strings.Repeat(" ", max(1, 10-len(sub.Name())))+sub.Short)
		}
	}
	return strings.Join(lines, "\n")
}

func flagList(flags *pflag.FlagSet) string {
	var names, lines []string
	width := 0
	flags.VisitAll(func(f *pflag.Flag) {
		name := flagName(f)
		names, width = append(names, name), max(width, len(name))
	})
	flags.VisitAll(func(f *pflag.Flag) {
		lines = append(lines, pad(names[len(lines)], width)+"   "+f.Usage)
	})
	return strings.Join(lines, "\n")
}

func flagName(f *pflag.Flag) string {
	name := "      --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	if kind := f.Value.Type(); kind != "bool" {
		name += " " + strings.ToUpper(kind)
	}
	return name
}

func nextAfterHelp(c *cobra.Command) string {
	if c.HasParent() {
		return "sandsock help   all commands"
	}
	return "sandsock echo   the echo exercise, call by call"
}

func newHelp(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "how a command is used",
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(c.Root(), args[len(args)-max(1, len(rest))])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
