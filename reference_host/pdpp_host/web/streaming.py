"""Bodies that are taken in as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from pdpp_host.web.answering import Answer, answered
from pdpp_host.web.errors import refusal

_DONE = Answer(None, 200)


class Sink(Protocol):
    """Where the bytes of a streamed body go; `abort` comes instead of `finish` when that is not to be."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""

    def finish(self) -> Answer:
        """All of them have come."""

    def abort(self) -> None:
        """No more will come, or something is wrong with them."""


class _Upload:
    """A sink that is aborted unless it was finished."""

    def __init__(self, begin: Callable[[], Sink]) -> None:
        self._begin = begin
        self._sink: Sink | None = None

    def begin(self) -> Answer:
        self._sink = self._begin()
        return _DONE

    def write(self, chunk: bytes) -> Answer:
        assert self._sink is not None, "it was begun"
        self._sink.write(chunk)
        return _DONE

    def finish(self) -> Answer:
        assert self._sink is not None, "it was begun"
        done = self._sink.finish()
        self._sink = None
        return done

    def close(self) -> None:
        if self._sink is not None:
            self._sink.abort()


async def streamed(begin: Callable[[], Sink], chunks: AsyncIterator[bytes], patience_s: float) -> Response:
    """Hand a body to the sink that `begin` gives, which may refuse before the first byte is read.

    A caller who sends nothing for `patience_s` seconds is sent away: what the sink holds is wanted by others.
    """
    upload = _Upload(begin)
    try:
        response = await run_in_threadpool(answered, upload.begin)
        if response.status_code != 200:
            return response
        while (chunk := await asyncio.wait_for(anext(chunks, None), patience_s)) is not None:
            response = await run_in_threadpool(answered, partial(upload.write, chunk))
            if response.status_code != 200:
                return response
        return await run_in_threadpool(answered, upload.finish)
    except TimeoutError:
        message = f"nothing of the body came for {patience_s:g} seconds; send it again"
        return refusal("upload_stalled", message, headers={"Connection": "close"})
    except ClientDisconnect:
        return refusal("invalid_request", "the caller went away before the body was whole")
    finally:
        await run_in_threadpool(upload.close)
