import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname(), timeout=0.2)
conn, address = server.accept()


def ended():
    try:
        return 'yes' if client.recv(1024) == b'' else 'no'
    except TimeoutError:
        return 'no'


server.close()
before = ended()
conn.close()
print(before, ended())
