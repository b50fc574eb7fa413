import socket

server = socket.create_server(('127.0.0.1', 0))
first = socket.create_connection(server.getsockname())
conn, address = server.accept()  # and here the server waits in recv

second = socket.create_connection(server.getsockname(), timeout=0.2)
second.send(b'hello')
try:
    answer = second.recv(1024)
except OSError as error:
    answer = type(error).__name__
print(f'connected, {answer}')
