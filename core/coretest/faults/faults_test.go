package faults

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRowsAreLinesOfOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows")
	t.Setenv(File, path)
	Row(t, "T1", "ended after\t12 ms", "frozen\n")
	Row(t, "T2", "ended", Always("it is so"))
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "T1\tTestRowsAreLinesOfOneFile\tended after 12 ms\tfrozen\nT2\tTestRowsAreLinesOfOneFile\tended\t- (it is so)\n"
	if string(got) != want {
		t.Errorf("the file has %q, want %q", got, want)
	}
}
