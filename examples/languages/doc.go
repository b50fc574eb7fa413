// Package languages holds the upper-case echo in C and in Rust, and tests that a
// host is swapped from one to the other. README.md has how they are built.
package languages
