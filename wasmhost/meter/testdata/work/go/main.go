// Command work is the load of the benchmarks: what programs do, hashing,
// matching, sorting and JSON. It is built as a WebAssembly reactor.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"regexp"
	"sort"
	"strings"
)

var text = strings.Repeat("Lorem ipsum dolor sit amet, 192.0.2.17 consectetur adipiscing elit 2001:db8::1.\n", 200)

var address = regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+\b`)

type record struct {
	Name  string
	Count int
	Tags  []string
}

//go:wasmexport work
func work() int32 {
	sum := sha256.Sum256([]byte(text))
	found := address.FindAllString(text, -1)
	words := strings.Fields(text)
	sort.Strings(words)
	records := make([]record, 100)
	for i := range records {
		records[i] = record{words[i], i, words[i : i+5]}
	}
	encoded, err := json.Marshal(records)
	if err != nil {
		return -1
	}
	var decoded []record
	if json.Unmarshal(encoded, &decoded) != nil {
		return -2
	}
	return int32(sum[0]) + int32(len(found)) + int32(len(decoded))
}

func main() {}
