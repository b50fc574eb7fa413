package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// CostVersion changes when the same program with the same results of its host
// calls would count differently.
const CostVersion = 1

// The unit of fuel is one instruction. What only marks a place is free; what
// moves memory or table entries pays for them in addition; a host call pays
// what its host says.
const (
	// bytesShift makes units of bytes: 16 of them cost one.
	bytesShift = 4
	// maxPiece is how much a bulk instruction moves between two charges.
	maxPiece = 1 << 20
)

// BytesCost is the price of moving n bytes of memory.
func BytesCost(n int) int64 { return int64(n) >> bytesShift }

// Cost is the price of one instruction without what it pays by length.
func Cost(op module.Opcode) int {
	switch op {
	case module.OpcodeBlock, module.OpcodeLoop, module.OpcodeElse, module.OpcodeEnd, module.OpcodeNop:
		return 0
	}
	return 1
}
