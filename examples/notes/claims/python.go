package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

//go:embed python/*.py
var scripts embed.FS

// bound is the longest one experiment may take.
const bound = 2 * time.Minute

// runPython runs a claim's experiment in python3 and returns its outcome.
func runPython(name string) (string, error) {
	script, err := scripts.ReadFile("python/" + name + ".py")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	command := exec.CommandContext(ctx, "python3", "-")
	command.Stdin = bytes.NewReader(script)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("python3 %s.py: %w\n%s", name, err, said.String())
	}
	return strings.TrimSpace(string(out)), nil
}
