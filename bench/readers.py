"""Many readers at once, and how long a rating takes meanwhile.

    python bench/readers.py [--readers 200] [--seconds 30]

The home is served by a process of its own, with a scripted model that says five words a second, which is as fast as
people read. Each reader has a talk of their own and asks again when an answer is whole; they come one after another, in
the time that one answer takes, so that from then on all of them read and questions come evenly. One more person has an
answer and rates it again and again, a little after each rating came back, counted from then on; the peer is the same
rating while nobody else is there.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

from served import elsewhere

EACH = 0.2
"""Seconds between two words of an answer."""
COMING = 15.0
"""Seconds within which the readers come: an answer takes 14."""
PAUSE = 0.05
"""Seconds between a rating and the next."""


@dataclass
class Seen:
    """What came of all that was asked."""

    answers: int = 0
    firsts: list[float] = field(default_factory=list)
    """Seconds to the first words."""
    ratings: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Served:
    """Where the home is served, and the key to it."""

    host: str
    port: int
    key: str

    async def post(self, path: str, body: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int]:
        """Send JSON; gives the connection, read to the end of the head, and the status."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + data)
        status = int((await reader.readline()).split()[1])
        while (await reader.readline()).strip():
            pass
        return reader, writer, status


def main() -> None:
    """Print how the readers and the ratings fared."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--readers", type=int, default=200)
    options.add_argument("--seconds", type=float, default=30)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, elsewhere(Path(folder), EACH) as served:
        place = urlsplit(served["address"])
        at = Served(place.hostname or "", place.port or 0, served["key"])
        asyncio.run(at_once(at, 2, 10))  # the index is opened, the classifier read, both characters known
        alone = asyncio.run(at_once(at, 0, given.seconds / 3))
        crowd = asyncio.run(at_once(at, given.readers, COMING + given.seconds))
    told("nobody else", alone)
    told(f"{given.readers} readers", crowd)
    print(f"first words after {median(crowd.firsts):.2f} s (median), {max(crowd.firsts):.2f} s (worst)")
    print(f"p99 of a rating: {p99(crowd) / p99(alone):.1f} times that of an idle server")
    print(*sorted(set(crowd.errors)), sep="\n")


def told(name: str, seen: Seen) -> None:
    """Print one line."""
    middle = 1000 * median(seen.ratings)
    counted = f"{seen.answers} answers, {len(seen.errors)} errors, {len(seen.ratings)} ratings"
    print(f"{name:12} {counted}: {middle:.1f} ms median, {1000 * p99(seen):.1f} ms p99")


def p99(seen: Seen) -> float:
    """Seconds in which 99 of 100 ratings came back."""
    return quantiles(seen.ratings, n=100)[-1]


async def at_once(at: Served, readers: int, seconds: float) -> Seen:
    """Have so many readers ask for so long, and one person rate."""
    talk, turn = await answered(at)
    seen, until = Seen(), time.monotonic() + seconds
    after = COMING if readers else 0
    await asyncio.gather(
        rating(at, talk, turn, after, until, seen),
        *(reading(at, COMING * number / readers, until, seen) for number in range(readers)),
    )
    return seen


async def answered(at: Served) -> tuple[str, str]:
    """An answer that can be rated: its talk and its id."""
    reader, writer, status = await at.post("/api/chat/ruth", {"question": "Why did you go with her?"})
    answer = json.loads(await reader.read())
    writer.close()
    assert status == 200, answer
    return answer["talk"], answer["turn"]["id"]


async def reading(at: Served, after: float, until: float, seen: Seen) -> None:
    """Ask, read to the end, and ask again."""
    await asyncio.sleep(after)
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            reader, writer, status = await at.post("/api/chat/david/stream", {"question": "Were you ever afraid?"})
            lines = [line async for line in first_noted(reader, began, seen)]
            writer.close()
        except OSError as error:
            seen.errors.append(str(error))
            continue
        if status != 200 or b"event: turn\n" not in lines:
            seen.errors.append(f"{status} {b''.join(lines)[-200:]!r}")
        seen.answers += 1


async def first_noted(reader: asyncio.StreamReader, began: float, seen: Seen) -> AsyncIterator[bytes]:
    """Give the lines of a stream; when the first words came is noted."""
    noted = False
    async for line in reader:
        if not noted and line == b"event: text\n":
            seen.firsts.append(time.monotonic() - began)
            noted = True
        yield line


async def rating(at: Served, talk: str, turn: str, after: float, until: float, seen: Seen) -> None:
    """Rate an answer again and again, up and down."""
    await asyncio.sleep(after)
    value = 1
    while time.monotonic() < until:
        began = time.monotonic()
        reader, writer, status = await at.post("/api/rate", {"talk": talk, "turn": turn, "value": value})
        said = await reader.read()
        writer.close()
        seen.ratings.append(time.monotonic() - began)
        if status != 200:
            seen.errors.append(f"rating: {status} {said[-200:]!r}")
        value = -value
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    main()
