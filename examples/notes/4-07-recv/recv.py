import socket

listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
conn, address = listener.accept()
client.send(b'hello')
client.close()

print('look, and take nothing:', conn.recv(3, socket.MSG_PEEK))
for bufsize in 3, 1024, 1024, 1024:
    print(f'recv({bufsize}):', conn.recv(bufsize))

try:
    socket.socket().recv(1024)
except OSError as error:
    print(f'not connected: {type(error).__name__}: {error}')
