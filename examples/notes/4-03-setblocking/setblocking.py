import select
import socket


def readable(sock):
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    waiting.poll(10_000)  # milliseconds


server = socket.create_server(('127.0.0.1', 0))
server.setblocking(False)
try:
    server.accept()
except BlockingIOError as error:
    print('accept, no client: BlockingIOError:', error)

client = socket.create_connection(server.getsockname())
readable(server)
conn, address = server.accept()
conn.setblocking(False)
try:
    conn.recv(1024)
except BlockingIOError as error:
    print('recv, no data: BlockingIOError:', error)

client.send(b'hello')
readable(conn)  # instead of asking again and again
print('recv, after poll:', conn.recv(1024))
