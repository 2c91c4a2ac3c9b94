"""An SMTP server for tests: keeps every letter, tells of it on standard output, ends with its parent.

usage: smtp_sink.py DIRECTORY [SEED]      prints "port N", then one JSON line per letter
Recipients steer it: tempfail@ gets 451, reject@ gets 550, drop@ has its letter kept but the
connection closed before the answer (a sender must not make a second letter of it).
With a seed, chance does to one letter in four what tempfail@ or drop@ do, or answers late.
"""

import asyncio
import itertools
import json
import os
import random
import sys

from aiosmtpd.smtp import SMTP

directory = sys.argv[1]
numbers = itertools.count(1)
chance = random.Random(int(sys.argv[2])) if len(sys.argv) > 2 else None


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.split("@")[0] == "reject":
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        names = {address.split("@")[0] for address in envelope.rcpt_tos}
        fate = chance.random() if chance else 1
        if "tempfail" in names or fate < 0.1:
            return "451 4.3.0 try again later"
        path = os.path.join(directory, f"{next(numbers):06d}.eml")
        with open(path, "wb") as file:
            file.write(envelope.original_content)
        cut = "drop" in names or 0.1 <= fate < 0.18
        letter = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "path": path, "cut": cut}
        print(json.dumps(letter), flush=True)
        if cut:
            server.transport.abort()
        elif 0.18 <= fate < 0.26:
            await asyncio.sleep(chance.uniform(0.05, 0.5))
        return "250 2.0.0 kept"


async def main():
    loop = asyncio.get_running_loop()
    keeper = Keeper()
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", data_size_limit=80 * 1024 * 1024, loop=loop),
        "127.0.0.1",
        0,
    )
    print("port", server.sockets[0].getsockname()[1], flush=True)
    # The parent holds the other end of standard input; it closes when the parent dies.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
