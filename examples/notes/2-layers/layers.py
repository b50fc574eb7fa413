import socket

request = b'GET / HTTP/1.0\r\n\r\n'

listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
server, address = listener.accept()
client.sendall(request)
data = server.recv(len(request), socket.MSG_WAITALL)

print('7 application ', data)
print('6 presentation text:', data[:14].decode('ascii'))
print('5 session      one request on one connection')
from_host, from_port = client.getsockname()
to_host, to_port = client.getpeername()
print(f'4 transport    {client.type.name}, from port {from_port} to port {to_port}')
print(f'3 network      {client.family.name}, from {from_host} to {to_host}')
print('2 data link    no call shows it')
print('1 physical     no call shows it')
