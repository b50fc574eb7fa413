package main

import (
	"io"
	"strings"
	"testing"
)

func TestWhatNobodyReadsIsDroppedAndCounted(t *testing.T) {
	reader, writer := io.Pipe()
	o := newOutlet(writer, func(n int64) string { return plural(n, "line") + " lost\n" })
	const all = 5000
	for range all { // nobody reads
		o.add("line\n")
	}
	read := make(chan string)
	go func() {
		text, _ := io.ReadAll(reader)
		read <- string(text)
	}()
	if !o.close() {
		t.Fatal("it is not written in time")
	}
	_ = writer.Close()
	text := soon(t, read)
	lines := strings.Count(text, "line\n")
	if lines < outletRoom || lines > outletRoom+1 || !strings.HasSuffix(text, plural(all-lines, "line")+" lost\n") {
		t.Errorf("%d lines, and at the end %q", lines, text[max(0, len(text)-30):])
	}
}

func TestAnEndDoesNotWaitForAReaderForEver(t *testing.T) {
	reader, writer := io.Pipe()
	o := newOutlet(writer, func(int64) string { return "" })
	o.add("line\n")
	if o.close() {
		t.Error("it says that all is written")
	}
	_ = reader.Close() // and the goroutine ends
}
