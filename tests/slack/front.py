"""What stands before the simulator on its way: TLS, and connections that are
cut after so many bytes.  All of it is one thread, as a TLS connection must not
be read and written by two."""

import asyncio
import contextlib
import threading


class Front:
    """Listens with TLS, and hands on to a port without.  cut_after: of each
    connection, how many bytes come back before it breaks; None: all."""

    def __init__(self, port, context):
        self.to, self.context = port, context
        self.cut_after = None
        self.n_connections = 0
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda loop, context: None)
        self.tasks = set()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.ready.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(
            self.serve, "127.0.0.1", 0, ssl=self.context))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def serve(self, reader, writer):
        self.n_connections += 1
        inner, out = await asyncio.open_connection("127.0.0.1", self.to)
        await asyncio.gather(self.hand_on(reader, out, None),
                             self.hand_on(inner, writer, self.cut_after),
                             return_exceptions=True)

    async def hand_on(self, reader, writer, left):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if left is not None and left < len(data):
                    writer.write(data[:left])
                    await writer.drain()
                    writer.transport.abort()
                    return
                left = left and left - len(data)
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()
