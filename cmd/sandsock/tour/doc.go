// Package tour shows the sandbox at work: it runs the plugins that misbehave,
// each in a process of its own beside a healthy handler, and tells what the
// attack came to.
//
// [Play] is the process that is attacked, a host as any other, and [Watch]
// looks at it from outside, since a host that is frozen or dead cannot tell. A
// defence can be left out there, which is why that process has limits of the
// system's: see confine.
package tour
