package bench

import (
	"fmt"
	"html"
	"strings"
)

// The picture's measures, in pixels.
const (
	labelWidth = 260
	barWidth   = 420
	barHeight  = 16
	rowGap     = 14
	margin     = 24
)

var colours = []string{"#888888", "#bbbbbb", "#2a7f9e"}

// SVG draws the ratios of all servers, a bar each, as a picture: a text in the
// format of https://www.w3.org/TR/SVG11/.
func SVG(title string, results []Result) string {
	longest := 1.0
	rows := 0
	for _, r := range results {
		rows += len(r.Servers)
		for _, f := range r.Servers {
			longest = max(longest, f.Ratio)
		}
	}
	height := 2*margin + 40 + rows*barHeight + len(results)*rowGap
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n",
		labelWidth+barWidth+4*margin, height)
	fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="15">%s</text>`+"\n", margin, margin, html.EscapeString(title))
	y := margin + 24
	for _, r := range results {
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", margin, y+12, html.EscapeString(r.Load))
		for i, f := range r.Servers {
			width := int(f.Ratio / longest * barWidth)
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n",
				labelWidth, y, width, barHeight-2, colours[i%len(colours)])
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s %.2f</text>`+"\n",
				labelWidth+width+6, y+12, html.EscapeString(f.Server), f.Ratio)
			y += barHeight
		}
		y += rowGap
	}
	fmt.Fprintf(&b, `<line x1="%[1]d" y1="%[2]d" x2="%[1]d" y2="%[3]d" stroke="#cc3333" stroke-dasharray="4"/>`+"\n",
		labelWidth+int(barWidth/longest), margin+16, y)
	return b.String() + "</svg>\n"
}
