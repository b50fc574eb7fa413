import socket

assert socket.error is OSError

silent = socket.socket()
silent.bind(('127.0.0.1', 0))
try:
    socket.socket().connect(silent.getsockname())
except socket.error as error:
    print(type(error).__name__)
