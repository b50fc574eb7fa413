package main

import (
	"fmt"
	"io"
)

const head = `# Claims

What the study notes and two famous texts say, the experiment that decides it,
and the verdict. The experiments run in ` + "`python3`" + ` and over sandsock's sockets,
on Linux, whenever the tests run; this page is what they print:

` + "```console" + `
$ go run ./examples/notes/claims > examples/notes/claims/README.md
` + "```" + `

| | claim | outcome by it | python3 | sandsock | verdict |
|---|---|---|---|---|---|
`

const foot = `
## Names, with nothing to run

The notes' seven layers have two names that translation bent: *representation*
is the presentation layer, *transmission* the transport layer (ITU-T X.200).
Their "superperiod" is a timeout, and their "connections that can be suspended"
are those that wait for accept.
`

// writePage writes what was measured as a page.
func writePage(out io.Writer, all []measured) {
	fmt.Fprint(out, head)
	for i, m := range all {
		fmt.Fprintf(out, "| %d | %s | `%s` | `%s` | `%s` | **%s** |\n", i+1, m.says, m.by, m.python, m.ours, m.verdict())
	}
	for i, m := range all {
		fmt.Fprintf(out, "\n## %d. %s\n\n", i+1, m.says)
		fmt.Fprintf(out, "Said by %s. **Experiment** ([Go](%s), [Python](python/%s.py)): %s.\n\n", m.source, m.file, m.name, m.test)
		fmt.Fprintf(out, "**Verdict: %s.** %s\n", m.verdict(), m.truth)
	}
	fmt.Fprint(out, foot)
}
