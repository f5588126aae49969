"""A TCP relay that comes from another loopback address with each connection, as a proxy with several addresses does.

Usage: relay.py LISTEN_PORT TARGET_PORT
"""
import asyncio
import itertools
import sys

ADDRESSES = (f"127.0.0.{number}" for number in itertools.cycle(range(2, 250)))


async def copy(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def relay(reader, writer, port):
    try:
        ahead = await asyncio.open_connection("127.0.0.1", port, local_addr=(next(ADDRESSES), 0))
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, ahead[1]), copy(ahead[0], writer))


async def main():
    listen, target = map(int, sys.argv[1:])
    server = await asyncio.start_server(lambda reader, writer: relay(reader, writer, target), "127.0.0.1", listen)
    async with server:
        await server.serve_forever()


asyncio.run(main())
