import socket

silent = socket.socket()
silent.bind(('127.0.0.1', 0))
print(socket.socket().connect_ex(silent.getsockname()))
