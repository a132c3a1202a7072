"""`python -m services.mailbox PORT FOLDER`: the mail server, on this machine alone.

A program of its own, with none of the product's settings: it begins at once, and knows no secret.
"""

import asyncio
import sys
from pathlib import Path

from services.embedded.ports import HOST
from services.mailbox.box import Box
from services.mailbox.server import server


async def serve(port: int, folder: Path) -> None:
    """Takes mails until it is ended: each that was answered for is on the disk."""
    box = Box(folder)
    box.open()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: server(box), HOST, port)
    async with listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
