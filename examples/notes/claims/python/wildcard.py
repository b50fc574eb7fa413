import socket


def reach(host):
    server = socket.socket()
    server.bind((host, 0))
    server.listen(5)
    return socket.socket().connect_ex(('127.0.0.2', server.getsockname()[1]))


print(reach(''), reach('127.0.0.1'))
