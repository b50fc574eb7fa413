import socket

for family in socket.AF_INET, socket.AF_INET6:
    own = socket.socket(family).getsockname()
    print(f'a new {family.name} socket: {own}')

listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
conn, address = listener.accept()
own = client.getsockname()
print('a client, connected:', own)
print("the other end's getpeername:", conn.getpeername())
