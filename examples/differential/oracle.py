"""Runs cases by CPython's own socket module: the oracle.

A case comes on standard input as lines and an empty line, its outcomes go to
standard output in the same way. Package script says what the lines mean.
"""
import re
import select
import signal
import socket
import struct
import sys
import time
import zlib

PROBE = float(sys.argv[1])  # seconds after which a call that waits is "blocks"
PATIENCE = 2.0  # seconds an await lasts at most
TOKEN = re.compile(r"'[^']*'(?:\*\d+)?|\S+")

FLAGS = {"": 0, "peek": socket.MSG_PEEK, "dontwait": socket.MSG_DONTWAIT, "waitall": socket.MSG_WAITALL,
         "oob": socket.MSG_OOB, "nosignal": socket.MSG_NOSIGNAL}
EVENTS = {"in": select.POLLIN, "out": select.POLLOUT, "error": select.POLLERR, "hup": select.POLLHUP,
          "nval": select.POLLNVAL, "rdhup": select.POLLRDHUP}
AWAITED = {"in": select.POLLIN, "out": select.POLLOUT, "end": select.POLLRDHUP, "error": 0}
FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM}
LEVELS = {"SO": socket.SOL_SOCKET, "IP": socket.IPPROTO_IP, "IPV6": socket.IPPROTO_IPV6, "TCP": socket.IPPROTO_TCP}
NUMBERS = {"SO_PROTOCOL": 38, "SO_DOMAIN": 39}  # not in every Python
TEXTS = ("SO_BINDTODEVICE", "TCP_CONGESTION")


class Blocks(Exception):
    """A call of a blocking socket waits."""


class Missing(Exception):
    """A party is not there, because the call that was to make it failed."""


def alarm(signum, frame):
    raise Blocks


def bounded(call, *arguments):
    """Makes a call, and interrupts it where it waits too long."""
    signal.setitimer(signal.ITIMER_REAL, PROBE)
    try:
        return call(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def data(text):
    once, _, times = text[1:].rpartition("'")
    return once.encode() * int(times[1:] or 1)


def flags(words, i):
    return sum(FLAGS[word] for word in words[i].split("|")) if i < len(words) else 0


def mask(table, text):
    return sum(table[word] for word in text.split("|"))


def timeout(text):
    return None if text == "None" else float(text)


def option(text):
    if ":" in text:
        return tuple(map(int, text.split(":")))
    number = NUMBERS.get(text) or getattr(socket, text)
    return LEVELS[text.split("_")[0]], number


def word(text):
    """Packs a word of an option's value: an address or a number."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, text)
        except OSError:
            pass
    return struct.pack("=i", int(text))


def shown(p):
    return repr(p) if len(p) <= 40 else f"{len(p)} bytes {zlib.crc32(p):08x}"


def received(s, p, size):
    if not p and size > 0 and s.type == socket.SOCK_STREAM:
        return "end of stream"
    return shown(p)


def events(bits):
    return "|".join(name for name, bit in EVENTS.items() if bits & bit) or "nothing"


def failed(error):
    if isinstance(error, Blocks):
        return "blocks"
    if isinstance(error, Missing):
        return str(error)
    if isinstance(error, (AttributeError, LookupError)):
        return f"malformed: {error!r}"
    name = type(error).__name__
    if not isinstance(error, OSError):
        return name
    return name + " " + str(error.errno or error)


class Machine:
    """Runs one case."""

    def __init__(self):
        self.parties, self.open, self.names, self.ports = {}, [], {}, {}

    def close(self):
        for s in self.open:
            s.close()

    def line(self, text):
        words = TOKEN.findall(text)
        target = None
        if len(words) > 2 and words[1] == "=":
            target, words = words[0], words[2:]
        party, _, call = words[0].rpartition(".")
        try:
            outcome = self.do(target, party, call, words[1:])
        except Exception as error:
            outcome = failed(error)
        self.learn(party)
        self.learn(target)
        return outcome

    def do(self, target, party, call, words):
        if not party:
            return getattr(self, "call_" + call)(target, words)
        if party not in self.parties:
            raise Missing("no " + party)
        return getattr(self, "do_" + call)(self.parties[party], words, target)

    def learn(self, name):
        """Notes a party's address, and the port as its own if nobody had it."""
        try:
            s = self.parties[name]
            at = s.getsockname()
        except (KeyError, OSError):
            return
        if at[1]:
            self.names[name] = at
            self.ports.setdefault((s.type, at[1]), name)

    def add(self, name, s):
        self.open.append(s)
        self.parties[name] = s

    def address(self, text):
        if text in self.names:
            return self.names[text]
        host, _, port = text.rpartition(":")
        if port in self.names:
            port = self.names[port][1]
        elif not port.lstrip("-").isdigit():
            raise Missing("no address " + port)
        return host.strip("[]"), int(port)

    def shown_address(self, s, at):
        if at is None:
            return "None"
        port = self.ports.get((s.type, at[1]), "unknown port" if at[1] >= 1024 else at[1])
        scope = f", {at[2]}, {at[3]}" if len(at) == 4 else ""
        return f"('{at[0]}', {port}{scope})"

    # Calls that are nobody's.

    def call_socket(self, target, words):
        family, kind = (table.get(word) or int(word) for table, word in zip((FAMILIES, TYPES), words))
        self.add(target, socket.socket(family, kind, int(words[2]) if len(words) > 2 else 0))
        return "socket"

    def call_poll(self, _, words):
        poller, numbers = select.poll(), {}
        for text in words[:-1]:
            name, _, wanted = text.partition(":")
            if name not in self.parties:
                raise Missing("no " + name)
            numbers[name] = self.parties[name].fileno()
            poller.register(numbers[name], mask(EVENTS, wanted))
        ready = dict(poller.poll(timeout(words[-1]) * 1000))
        return " ".join(f"{name}:{events(ready[n])}" for name, n in numbers.items() if n in ready) or "nothing"

    def call_getaddrinfo(self, _, words):
        family = FAMILIES.get(words[1]) or int(words[1])
        found = socket.getaddrinfo(words[0].strip("'"), None, family, socket.SOCK_STREAM)
        return " ".join(entry[4][0] + ("%%%d" % entry[4][3] if entry[4][3:] > (0,) else "") for entry in found)

    # Calls of a party.

    def do_bind(self, s, words, _):
        return str(s.bind(self.address(words[0])))

    def do_listen(self, s, words, _):
        return str(s.listen(*map(int, words)))

    def do_accept(self, s, words, target):
        conn, peer = bounded(s.accept)
        self.add(target, conn)
        return "socket, " + self.shown_address(s, peer)

    def do_connect(self, s, words, _):
        return str(bounded(s.connect, self.address(words[0])))

    def do_connect_ex(self, s, words, _):
        return str(bounded(s.connect_ex, self.address(words[0])))

    def do_recv(self, s, words, _):
        size = int(words[0])
        return received(s, bounded(s.recv, size, flags(words, 1)), size)

    def do_recvfrom(self, s, words, _):
        size = int(words[0])
        p, sender = bounded(s.recvfrom, size, flags(words, 1))
        return received(s, p, size) + ", " + self.shown_address(s, sender)

    def do_drain(self, s, words, _):
        want, got = int(words[0]), b""
        while len(got) < want:
            try:
                p = bounded(s.recv, min(65536, want - len(got)))
            except (OSError, Blocks) as error:
                return f"{len(got)} bytes {zlib.crc32(got):08x}, " + failed(error)
            if not p:
                return f"{len(got)} bytes {zlib.crc32(got):08x}, end of stream"
            got += p
        return f"{len(got)} bytes {zlib.crc32(got):08x}"

    def do_send(self, s, words, _):
        p = data(words[0])
        n = bounded(s.send, p, flags(words, 1))
        return "a part" if 0 < n < len(p) else str(n)

    def do_sendall(self, s, words, _):
        return str(bounded(s.sendall, data(words[0]), flags(words, 1)))

    def do_sendto(self, s, words, _):
        return str(bounded(s.sendto, data(words[0]), flags(words[:-1], 1), self.address(words[-1])))

    def do_fill(self, s, words, _):
        while True:
            bounded(s.send, bytes(65536))

    def do_empty(self, s, words, _):
        while bounded(s.recv, 65536):
            pass
        return "end of stream"

    def do_shutdown(self, s, words, _):
        return str(s.shutdown(int(words[0])))

    def do_close(self, s, words, _):
        return str(s.close())

    def do_settimeout(self, s, words, _):
        return str(s.settimeout(timeout(words[0])))

    def do_gettimeout(self, s, words, _):
        return str(s.gettimeout())

    def do_setblocking(self, s, words, _):
        return str(s.setblocking(words[0] == "True"))

    def do_getblocking(self, s, words, _):
        return str(s.getblocking())

    def do_getpeername(self, s, words, _):
        return self.shown_address(s, s.getpeername())

    def do_getsockname(self, s, words, _):
        return self.shown_address(s, s.getsockname())

    def do_fileno(self, s, words, _):
        return "-1" if s.fileno() < 0 else "a number"

    def do_setsockopt(self, s, words, _):
        level, number = option(words[0])
        if words[1][0] == "'":
            return str(s.setsockopt(level, number, data(words[1])))
        return str(s.setsockopt(level, number, b"".join(map(word, words[1:]))))

    def do_getsockopt(self, s, words, _):
        level, number = option(words[0])
        if words[0] in TEXTS:
            return repr(s.getsockopt(level, number, 256).rstrip(b"\0"))
        if words[0] == "TCP_INFO":
            return "state " + str(s.getsockopt(level, number, 256)[0])
        if words[0] == "SO_LINGER":
            return "%d %d" % struct.unpack("=ii", s.getsockopt(level, number, 8))
        return str(s.getsockopt(level, number))

    def do_await(self, s, words, _):
        if words[0] in AWAITED:
            poller = select.poll()
            poller.register(s, AWAITED[words[0]])
            return "ready" if poller.poll(PATIENCE * 1000) else "not ready"
        size, deadline = int(words[0]), time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if len(s.recv(size, socket.MSG_PEEK | socket.MSG_DONTWAIT)) == size:
                    return "ready"
            except (BlockingIOError, TimeoutError):
                pass
            select.poll().poll(1)
        return "not ready"


def main():
    signal.signal(signal.SIGALRM, alarm)
    lines = []
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line:
            lines.append(line)
            continue
        machine = Machine()
        for line in lines:
            print(machine.line(line))
        machine.close()
        print(flush=True)
        lines = []


main()
