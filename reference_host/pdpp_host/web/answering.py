"""From what a route's function gives, or the way in which it fails, to the response."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from starlette.responses import Response

from pdpp_host.domain.identity import IdentityFault
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import StorageError
from pdpp_host.web.errors import answer, refusal, refused

_log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What comes back, with its status."""

    value: Any
    status: int


def answered(function: Callable[[], Answer]) -> Response:
    """The response that a function gives; every failure is one of the table's errors."""
    try:
        return answer(*function())
    except RequestRefused as error:
        return refused(error)
    except IdentityFault as error:
        return refusal("identity_rule_broken", str(error))
    except StorageError as error:
        _log.error("storage failed: %s", error)
        return refusal("storage_failed", "the storage could not answer; the host's log says why")
    except Exception:
        _log.exception("the host could not answer")
        return refusal("internal_error", "the host could not answer; its log says why")
