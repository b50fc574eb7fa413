package config

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/sandsock/sandsock/core/nearest"
)

const (
	hostTable     = "host"
	defaultsTable = "defaults"
	routeTable    = "route"
)

var tables = []string{hostTable, defaultsTable, routeTable}

// header is the line a table begins with.
func header(table string) string {
	if table == routeTable {
		return "[[route]]"
	}
	return "[" + table + "]"
}

// Parse reads the content of a file, whose name is that of its errors, all of
// which are an *Error.
func Parse(name string, content []byte) (*File, error) {
	d := decoder{name: name, content: bytes.TrimPrefix(content, []byte("\ufeff"))} // some editors begin so
	d.file.Host.Name, d.file.Defaults.Name = header(hostTable), header(defaultsTable)
	if err := d.valid(); err != nil {
		return nil, err
	}
	d.parser.Reset(d.content)
	for d.parser.NextExpression() {
		if err := d.expression(d.parser.Expression()); err != nil {
			return nil, err
		}
	}
	return &d.file, nil // valid has seen all of the parser's errors
}

// decoder makes a File of the parser's expressions: the headers of tables, and
// the keys below them.
type decoder struct {
	name    string
	content []byte
	parser  unstable.Parser
	file    File
	table   *Table // of the header above; nil before the first
	inner   *name  // of a header such as [defaults.env]; nil of others
}

// name is a word of the file's that names something.
type name struct {
	text string
	at   Position
}

// valid decodes the file into nothing in particular: go-toml then refuses what
// is no TOML, and what is there twice.
func (d *decoder) valid() error {
	var anything map[string]any
	err := toml.Unmarshal(d.content, &anything)
	if err == nil {
		return nil
	}
	at := Position{File: d.name, Line: 1, Column: 1}
	var where *toml.DecodeError
	if errors.As(err, &where) {
		line, column := where.Position()
		at = d.position(d.offset(line) + column - 1)
	}
	text := printable(strings.TrimPrefix(err.Error(), "toml: "))
	if strings.Contains(text, "at start of value") {
		text += d.quotesWant(at)
	}
	return at.Errorf("%s", text)
}

// quotesWant is a hint where the value of a line is a text without quotes.
func (d *decoder) quotesWant(at Position) string {
	line, _, _ := bytes.Cut(d.content[d.offset(at.Line):], []byte{'\n'})
	_, text, ok := bytes.Cut(line, []byte{'='})
	text = bytes.TrimSpace(text)
	if !ok || len(text) == 0 || bytes.ContainsAny(text[:1], `"'[{=`) {
		return ""
	}
	return "; a text stands in quotes"
}

// printable has no control characters, which a key that go-toml names may have.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// offset is where a line begins.
func (d *decoder) offset(line int) (n int) {
	for ; line > 1; line-- {
		n += bytes.IndexByte(d.content[n:], '\n') + 1
	}
	return n
}

func (d *decoder) position(offset int) Position {
	before := d.content[:min(offset, len(d.content))]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return Position{d.name, 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(line)}
}

func (d *decoder) expression(e *unstable.Node) error {
	switch path := d.path(e.Key()); e.Kind {
	case unstable.Table:
		return d.header(path)
	case unstable.ArrayTable:
		return d.routeHeader(path)
	default:
		return d.keyValue(path, e.Value())
	}
}

func (d *decoder) path(words unstable.Iterator) (path []name) {
	for words.Next() {
		n := words.Node()
		path = append(path, name{string(n.Data), d.position(int(n.Raw.Offset))})
	}
	return path
}

// header begins [host], [defaults], or a table within one or within the last
// route, such as [route.env].
func (d *decoder) header(path []name) error {
	first := path[0]
	switch {
	case first.text == hostTable:
		d.table = &d.file.Host
	case first.text == defaultsTable:
		d.table = &d.file.Defaults
	case first.text != routeTable:
		return unknownTable(first)
	case len(path) == 1 || len(d.file.Routes) == 0:
		return first.at.Errorf("a route is a table with two brackets: [[route]]")
	default:
		d.table = &d.file.Routes[len(d.file.Routes)-1]
	}
	if d.table.At.Line == 0 {
		d.table.At = first.at
	}
	switch len(path) {
	case 1:
		d.inner = nil
	case 2:
		d.inner = &path[1]
		d.table.add(key{name: path[1].text, at: path[1].at, shape: pairs})
	default:
		return tooDeep(path[2])
	}
	return nil
}

func (d *decoder) routeHeader(path []name) error {
	first := path[0]
	switch {
	case first.text == hostTable || first.text == defaultsTable:
		return first.at.Errorf("there is one of it, with one bracket: [%s]", first.text)
	case first.text != routeTable:
		return unknownTable(first)
	case len(path) > 1:
		return path[1].at.Errorf("%s: it has no list of tables", shown(path[1].text))
	}
	d.file.Routes = append(d.file.Routes, Table{Name: header(routeTable), At: first.at})
	d.table, d.inner = &d.file.Routes[len(d.file.Routes)-1], nil
	return nil
}

func unknownTable(n name) error {
	if near := nearest.Guess(n.text, tables); near != "" {
		return n.at.Errorf("there is no table %s%s", shown(n.text), near)
	}
	return n.at.Errorf("there is no table %s: they are [host], [defaults] and [[route]]", shown(n.text))
}

func tooDeep(n name) error {
	return n.at.Errorf("%s: there are no tables as deep", shown(n.text))
}

// keyValue is one line: memory = "64MiB", env.NAME = "value", or within
// [route.env], NAME = "value".
func (d *decoder) keyValue(path []name, v *unstable.Node) error {
	first := path[0]
	switch {
	case d.table == nil && slices.Contains(tables, first.text):
		return first.at.Errorf("%s is a table, which begins with a line of its own: %s", first.text, header(first.text))
	case d.table == nil:
		return first.at.Errorf("%s stands in no table: begin with [defaults] or [[route]]", shown(first.text))
	case d.inner != nil:
		path = append([]name{*d.inner}, path...)
	}
	k := key{name: path[0].text, at: path[0].at}
	switch len(path) {
	case 1:
		if err := d.values(&k, v); err != nil {
			return err
		}
	case 2:
		k.shape = pairs
		if err := d.pair(&k, path[1], v); err != nil {
			return err
		}
	default:
		return tooDeep(path[2])
	}
	d.table.add(k)
	return nil
}

// add adds a key, or further pairs of one that is there: TOML has no other
// twice.
func (t *Table) add(k key) {
	if have := t.find(k.name); have != nil {
		have.values = append(have.values, k.values...)
		return
	}
	k.table = t.Name
	t.keys = append(t.keys, k)
}

func (d *decoder) values(k *key, v *unstable.Node) error {
	switch v.Kind {
	case unstable.Array:
		k.shape = list
		for items := v.Children(); items.Next(); {
			if err := d.scalar(k, "", items.Node()); err != nil {
				return err
			}
		}
	case unstable.InlineTable:
		k.shape = pairs
		for items := v.Children(); items.Next(); {
			path := d.path(items.Node().Key())
			if len(path) > 1 {
				return tooDeep(path[1])
			}
			if err := d.pair(k, path[0], items.Node().Value()); err != nil {
				return err
			}
		}
	default:
		return d.scalar(k, "", v)
	}
	return nil
}

func (d *decoder) pair(k *key, n name, v *unstable.Node) error {
	if n.text == "" || strings.Contains(n.text, "=") {
		return n.at.Errorf("%s %s: a name is not empty, and has no = in it", shown(k.name), strconv.Quote(n.text))
	}
	return d.scalar(k, n.text+"=", v)
}

// scalar adds a value that is one word, as a flag would have it.
func (d *decoder) scalar(k *key, before string, v *unstable.Node) error {
	text := string(v.Data)
	switch v.Kind {
	case unstable.String:
	case unstable.Bool:
	case unstable.Float:
		text = strings.ReplaceAll(text, "_", "")
	case unstable.Integer:
		n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 0, 64)
		if err != nil { // go-toml has refused it
			return err
		}
		text = strconv.FormatInt(n, 10)
	default:
		return k.at.Errorf("%s: it is a text, a number, or a list of them", shown(k.name))
	}
	at := k.at
	if v.Raw.Length > 0 {
		at = d.position(int(v.Raw.Offset))
	}
	k.values = append(k.values, value{before + text, at})
	return nil
}
