"""A relay that opens a new connection for each scrape, from changing loopback addresses, like a proxy with several addresses
and without keep-alive.

Usage: relay.py LISTEN_PORT TARGET_PORT
"""
import asyncio
import itertools
import sys

ADDRESSES = (f"127.0.0.{number}" for number in itertools.cycle(range(2, 250)))


async def copy(reader, writer, change=lambda data: data):
    try:
        while data := await reader.read(1 << 16):
            writer.write(change(data))
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


def closing(request):
    """The request of a scrape is one small piece; both sides close their connections after the answer."""
    return request.replace(b" HTTP/1.1\r\n", b" HTTP/1.1\r\nConnection: close\r\n", 1)


async def relay(reader, writer, port):
    try:
        ahead = await asyncio.open_connection("127.0.0.1", port, local_addr=(next(ADDRESSES), 0))
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, ahead[1], closing), copy(ahead[0], writer))


async def main():
    listen, target = map(int, sys.argv[1:])
    server = await asyncio.start_server(lambda reader, writer: relay(reader, writer, target), "127.0.0.1", listen)
    async with server:
        await server.serve_forever()


asyncio.run(main())
