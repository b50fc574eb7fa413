import socket

silent = socket.socket()
silent.bind(('127.0.0.1', 0))  # bound, but it does not listen
server = socket.create_server(('127.0.0.1', 0))
address = server.getsockname()

client = socket.socket()
print('nobody listens:', client.connect_ex(silent.getsockname()))
print('connected:', client.connect_ex(address))
print('connect again:', client.connect_ex(address))

hasty = socket.socket()
hasty.setblocking(False)
print('without waiting:', hasty.connect_ex(address))
hasty.close()
print('closed:', hasty.connect_ex(address))
