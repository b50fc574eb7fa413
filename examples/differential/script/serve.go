package script

import (
	"bufio"
	"io"

	"github.com/sandsock/sandsock/core"
)

// Serve runs cases that come as text until in ends: the lines of a case and
// an empty line. It answers each with the lines of the outcomes and an empty
// line.
func Serve(network core.Network, in io.Reader, out io.Writer) error {
	machine, writer := NewMachine(network), bufio.NewWriter(out)
	var lines []string
	for scanner := bufio.NewScanner(in); scanner.Scan(); {
		if line := scanner.Text(); line != "" {
			lines = append(lines, line)
			continue
		}
		for _, outcome := range machine.Run(lines) {
			writer.WriteString(outcome + "\n")
		}
		writer.WriteString("\n")
		if err := writer.Flush(); err != nil {
			return err
		}
		lines = nil
	}
	return nil
}
