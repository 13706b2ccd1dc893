#!/usr/bin/env python3
"""Other people's mail servers: one SMTP server on each address of ADDRESSES, which treats our mail as its row says."""

import asyncio

SPAMHAUS = (
    "554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org; "
    "https://www.spamhaus.org/query/ip/203.0.113.25"
)
MICROSOFT = (
    "550 5.7.1 Unfortunately, messages from [203.0.113.25] weren't sent. Please contact your Internet service provider since "
    "part of their network is on our block list (S3150). You can also refer your provider to "
    "http://mail.live.com/mail/troubleshooting.aspx#errors."
)

# address: what it says instead of a greeting, and instead of accepting a recipient
ADDRESSES = {
    "127.0.2.1": (SPAMHAUS, None),
    "127.0.2.2": (None, MICROSOFT),
    "127.0.2.3": (None, "450 4.2.0 Greylisted, please try again in 300 seconds"),
    "127.0.2.4": (None, "452 4.2.2 The mailbox is full"),
    "127.0.2.5": (None, None),
}


def answer(command, refusal):
    """The reply to one command line, before the body of a mail."""
    verb = command[:4].upper()
    if verb == "RCPT" and refusal:
        return refusal
    return {"DATA": "354 go on", "QUIT": "221 2.0.0 bye"}.get(verb, "250 2.0.0 Ok")


async def body(reader):
    """Reads a mail up to its last line."""
    while (line := await reader.readline()) not in (b".\r\n", b""):
        pass
    return line


async def session(reader, writer, greeting, refusal):
    async def say(text):
        writer.write(text.encode() + b"\r\n")
        await writer.drain()

    await say(greeting or "220 mx ESMTP")
    while not greeting and (line := await reader.readline()):
        reply = answer(line.decode("latin-1").strip(), refusal)
        await say(reply)
        if reply.startswith("354"):
            await body(reader)
            await say("250 2.0.0 Ok: taken")
        elif reply.startswith("221"):
            break
    writer.close()


async def main():
    def peer(row):
        async def handle(reader, writer):
            try:
                await session(reader, writer, *row)
            except ConnectionError:
                pass

        return handle

    for address, row in ADDRESSES.items():
        await asyncio.start_server(peer(row), address, 25)
    await asyncio.Event().wait()


asyncio.run(main())
