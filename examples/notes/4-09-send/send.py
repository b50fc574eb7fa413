import select
import socket


def pair():
    listener = socket.create_server(('127.0.0.1', 0))
    client = socket.create_connection(listener.getsockname())
    return client, listener.accept()[0]


client, conn = pair()
n = conn.send(b'hello')
print('5 bytes:', n)

# A megabyte at a time, until the system takes no more.
conn.setblocking(False)
megabyte = bytes(1_000_000)
partial = False
try:
    while True:
        n = conn.send(megabyte)
        partial = partial or n < len(megabyte)
except BlockingIOError as error:
    print('a send took only a part:', 'yes' if partial else 'no')
    print('and the next: BlockingIOError:', error)

# The first send succeeds: that nobody reads is known only when its answer
# comes.
client, conn = pair()
client.close()
print('client closed, first send:', conn.send(b'x'))
waiting = select.poll()
waiting.register(conn, 0)  # nothing asked for: an error is told unasked
waiting.poll(10_000)  # milliseconds
try:
    conn.send(b'x')
except OSError as error:
    print(f'client closed, second send: {type(error).__name__}: {error}')
