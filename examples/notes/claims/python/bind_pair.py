import socket

server = socket.socket()
try:
    server.bind('localhost', 6565)
    print('bound')
except TypeError:
    print('TypeError')
