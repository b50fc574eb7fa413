package core

import (
	"net/netip"
	"testing"
)

func TestGrants(t *testing.T) {
	tests := []struct {
		use     Use
		grant   string
		address string
		names   []string
		want    bool
	}{
		{UseConnect, "127.0.0.1:6565", "127.0.0.1:6565", nil, true},
		{UseConnect, "127.0.0.1:6565", "127.0.0.1:6566", nil, false},
		{UseConnect, "127.0.0.1:6565", "127.0.0.2:6565", nil, false},
		{UseConnect, "127.0.0.1:6565", "[::ffff:127.0.0.1]:6565", nil, true},
		{UseConnect, "127.0.0.1:6565", "[::127.0.0.1]:6565", nil, false},
		{UseConnect, "127.0.0.1:6565", "[64:ff9b::7f00:1]:6565", nil, false},
		{UseConnect, "127.0.0.1", "127.0.0.1:1", nil, true},
		{UseConnect, "127.0.0.1:8000-8010", "127.0.0.1:7999", nil, false},
		{UseConnect, "127.0.0.1:8000-8010", "127.0.0.1:8000", nil, true},
		{UseConnect, "127.0.0.1:8000-8010", "127.0.0.1:8010", nil, true},
		{UseConnect, "127.0.0.1:8000-8010", "127.0.0.1:8011", nil, false},
		{UseConnect, "127.0.0.1:65535", "127.0.0.1:65535", nil, true},
		{UseConnect, "127.0.0.1:0", "127.0.0.1:0", nil, true},
		{UseConnect, "127.0.0.1:0", "127.0.0.1:1", nil, false},
		{UseConnect, "10.0.0.0/8:80", "10.1.2.3:80", nil, true},
		{UseConnect, "10.0.0.0/8:80", "11.1.2.3:80", nil, false},
		{UseConnect, "[::1]:80", "[::1]:80", nil, true},
		{UseConnect, "::1", "[::1]:80", nil, true},
		{UseConnect, "[fd00::/8]:80", "[fd12::1]:80", nil, true},
		{UseConnect, "::ffff:127.0.0.0/104", "127.0.0.9:80", nil, true},
		{UseConnect, "::ffff:127.0.0.0/104", "[::ffff:127.0.0.9]:80", nil, true},
		{UseConnect, "::/0", "[::ffff:127.0.0.9]:80", nil, false},
		{UseConnect, "[fe80::1%2]:80", "[fe80::1%2]:80", nil, true},
		{UseConnect, "[fe80::1%2]:80", "[fe80::1%3]:80", nil, false},
		{UseConnect, "[fe80::/10]:80", "[fe80::1%2]:80", nil, false},

		// What is not one host is granted only by its own name.
		{UseConnect, "0.0.0.0/0", "127.0.0.1:80", nil, true},
		{UseConnect, "0.0.0.0/0:80", "224.0.0.1:80", nil, false},
		{UseConnect, "0.0.0.0/0:80", "255.255.255.255:80", nil, false},
		{UseConnect, "::/0", "[ff02::1]:80", nil, false},
		{UseConnect, "*:80", "0.0.0.0:80", nil, false},
		{UseConnect, "*:80", "192.0.2.7:80", nil, true},
		{UseSend, "224.0.0.0/4:80", "224.0.0.1:80", nil, true},
		{UseSend, "224.0.0.0/3", "224.0.0.1:80", nil, false},
		{UseSend, "224.0.0.0/3", "255.255.255.255:80", nil, false},
		{UseSend, "ff00::/8", "[ff02::1]:80", nil, true},
		{UseSend, "255.255.255.255:67", "255.255.255.255:67", nil, true},
		{UseConnect, "0.0.0.0:80", "0.0.0.0:80", nil, true},
		{UseListen, ":80", "0.0.0.0:80", nil, true},
		{UseListen, ":80", "[::]:80", nil, true},
		{UseListen, ":80", "127.0.0.1:80", nil, false},
		{UseListen, "127.0.0.0/8:80", "0.0.0.0:80", nil, false},

		// A name covers what it resolved to, and nothing before.
		{UseConnect, "localhost:80", "127.0.0.1:80", nil, false},
		{UseConnect, "localhost:80", "127.0.0.1:80", []string{"localhost"}, true},
		{UseConnect, "localhost:80", "127.0.0.1:81", []string{"localhost"}, false},
		{UseConnect, "localhost:80", "0.0.0.0:80", []string{"localhost"}, false},
		{UseConnect, "*.example.com:80", "192.0.2.7:80", []string{"www.example.com"}, true},
		{UseConnect, "*.example.com:80", "192.0.2.7:80", []string{"example.com"}, false},
		{UseConnect, "*.example.com:80", "192.0.2.7:80", []string{"badexample.com"}, false},
		{UseConnect, "Example.COM:80", "192.0.2.7:80", []string{"example.com"}, true},

		// A use is not another.
		{UseConnect, "127.0.0.1", "127.0.0.1:80", nil, true},
		{UseListen, "127.0.0.1", "127.0.0.1:80", nil, true},
	}
	for _, tt := range tests {
		grant, err := ParseGrant(tt.use, tt.grant)
		if err != nil {
			t.Errorf("ParseGrant(%v, %q): %v", tt.use, tt.grant, err)
			continue
		}
		address := netip.MustParseAddrPort(tt.address)
		if got := (Grants{grant}).Allows(tt.use, address, tt.names); got != tt.want {
			t.Errorf("grant %v %q allows %v (names %v): %v, want %v", tt.use, tt.grant, address, tt.names, got, tt.want)
		}
		if (Grants{grant}).Allows(tt.use+1, address, tt.names) {
			t.Errorf("grant %v %q allows %v", tt.use, tt.grant, tt.use+1)
		}
	}
	if (Grants{{}}).Allows(UseConnect, netip.MustParseAddrPort("127.0.0.1:0"), nil) {
		t.Error("the zero grant allows something")
	}
}

func TestGrantsOfNames(t *testing.T) {
	tests := []struct {
		use         Use
		grant, name string
		want        bool
	}{
		{UseResolve, "localhost", "localhost", true},
		{UseResolve, "localhost", "localhost.", false},
		{UseResolve, "*.example.com", "a.b.example.com", true},
		{UseResolve, "*", "anything.example", true},
		{UseConnect, "localhost:80", "localhost", true},
		{UseConnect, "127.0.0.1:80", "localhost", false},
	}
	for _, tt := range tests {
		grant, err := ParseGrant(tt.use, tt.grant)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Grants{grant}).AllowsName(tt.name); got != tt.want {
			t.Errorf("grant %v %q allows the name %q: %v, want %v", tt.use, tt.grant, tt.name, got, tt.want)
		}
	}
}

func TestParseGrantRefuses(t *testing.T) {
	for _, tt := range []struct {
		use  Use
		text string
		want string
	}{
		{UseConnect, "", `"": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseListen, "", `"": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseListen, "[]", `"[]": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseListen, "]", `"]": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseListen, "[127.0.0.1]:80", `"[127.0.0.1]:80": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseListen, "[::1]80", `"[::1]80": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseListen, ":", `":": a port is a number from 0 to 65535, or a range such as 8000-8010`},
		{UseListen, "[::1]:", `"[::1]:": a port is a number from 0 to 65535, or a range such as 8000-8010`},
		{UseConnect, "localhost:", `"localhost:": a port is a number from 0 to 65535, or a range such as 8000-8010`},
		{UseConnect, "localhost:65536", `"localhost:65536": a port is a number from 0 to 65535, or a range such as 8000-8010`},
		{UseConnect, "localhost:9-8", `"localhost:9-8": a port is a number from 0 to 65535, or a range such as 8000-8010`},
		{UseConnect, "127.1:80", `"127.1:80": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseConnect, "*.127.0.0.1:80", `"*.127.0.0.1:80": a host is an address, a range such as 10.0.0.0/8, a name, or *.name`},
		{UseResolve, "localhost:80", `"localhost:80": a name to resolve has no port`},
	} {
		if _, err := ParseGrant(tt.use, tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("ParseGrant(%v, %q) = %v, want %s", tt.use, tt.text, err, tt.want)
		}
	}
}

func TestSomeGrantsReachFurtherThanAnAddress(t *testing.T) {
	for _, tt := range []struct {
		use              Use
		grant            string
		every, broadcast bool
	}{
		{UseListen, "*", true, false},
		{UseListen, "*:80", false, false},
		{UseListen, "0.0.0.0/0", false, false},
		{UseSend, "255.255.255.255:67", false, true},
		{UseSend, "10.0.0.255", false, true},
		{UseConnect, "10.0.0.255:9", false, true},
		{UseSend, "10.0.0.0/24", false, false},
		{UseSend, "::1", false, false},
		{UseSend, "*", true, false},
		{UseListen, "10.0.0.255", false, false},
	} {
		grant, err := ParseGrant(tt.use, tt.grant)
		if err != nil {
			t.Fatal(err)
		}
		grants := Grants{grant}
		if got := grants.AllowsEvery(tt.use); got != tt.every || grants.AllowsEvery(tt.use+1) {
			t.Errorf("grant %v %q is every host: %v, want %v", tt.use, tt.grant, got, tt.every)
		}
		if got := grants.AllowsBroadcast(); got != tt.broadcast {
			t.Errorf("grant %v %q allows broadcasts: %v, want %v", tt.use, tt.grant, got, tt.broadcast)
		}
	}
}
