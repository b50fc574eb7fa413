import socket

# SMTP over TCP: lines of text, and who speaks when (RFC 5321).
listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
server, address = listener.accept()


def say(who, sender, receiver, line):
    sender.sendall(line)
    data = receiver.recv(len(line), socket.MSG_WAITALL)
    print(f'smtp {who}: {data}')


say('server', server, client, b'220 mail.example ready\r\n')
say('client', client, server, b'HELO learner.example\r\n')
say('server', server, client, b'250 mail.example\r\n')

# DNS over UDP: one message of bytes (RFC 1035, section 4) that asks for the
# IPv4 address of example.org.
question = (
    b'\x00\x07'  # its number
    b'\x01\x00'  # a question, and please ask on for me
    b'\x00\x01\x00\x00\x00\x00\x00\x00'  # one question, no answers yet
    b'\x07example\x03org\x00'  # the name: each part with its length in front
    b'\x00\x01\x00\x01'  # type A, class IN
)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 0))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.sendto(question, server.getsockname())
data = server.recv(512)  # the most that RFC 1035 allows
print(f'dns question, {len(data)} bytes: {data}')
