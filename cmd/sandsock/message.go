package main

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// messageFlags is the flag -m, which may be given again.
type messageFlags [][]byte

func (f *messageFlags) String() string { return "" }
func (f *messageFlags) Type() string   { return "TEXT" }

func (f *messageFlags) Set(text string) error {
	message, err := unescape(text)
	*f = append(*f, message)
	return err
}

// unescape returns the bytes of a text with the escapes that Python's and
// Go's strings share: \n, \\, \x00, \101 and so on, \' and \" among them.
// Bytes that are no escape stay as they are.
func unescape(text string) ([]byte, error) {
	var out []byte
	for text != "" {
		plain := strings.IndexByte(text, '\\')
		if plain < 0 {
			plain = len(text)
		}
		out, text = append(out, text[:plain]...), text[plain:]
		if text == "" {
			break
		}
		if len(text) > 1 && (text[1] == '\'' || text[1] == '"') {
			out, text = append(out, text[1]), text[2:]
			continue
		}
		char, wide, rest, err := strconv.UnquoteChar(text, 0)
		if err != nil {
			return nil, errors.New(strconv.Quote(text) + ` begins with no escape: they are \n \r \t \\ \xNN; \\ is a backslash`)
		}
		if text = rest; wide {
			out = utf8.AppendRune(out, char)
		} else {
			out = append(out, byte(char))
		}
	}
	return out, nil
}
