import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, address = server.accept()
client.setblocking(False)
server.setblocking(False)


def outcome(call, *arguments):
    try:
        call(*arguments)
        return 'none'
    except OSError as error:
        return type(error).__name__


print(outcome(server.accept), outcome(client.recv, 1024))
