"""From a template to a response that runs no program, fetches nothing and is kept nowhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from starlette.responses import Response

from pdpp_host import __version__
from pdpp_host.web.console import wording

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Under `no-referrer` browsers would tell a form's origin as `null`; others are told nothing by this too.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def page(name: str, status: int = 200, **values: Any) -> Response:
    """The template of that name as a page."""
    text = _environment().get_template(f"{name}.html").render(values)
    return Response(text, status, HEADERS, media_type="text/html")


def problem(status: int, title: str, message: str, signed_in: bool = False) -> Response:
    """What went wrong, as a page."""
    return page("problem", status, title=title, message=message, signed_in=signed_in)


def redirect(where: str) -> Response:
    """Go to another page with GET."""
    return Response(status_code=303, headers=HEADERS | {"Location": where})


@cache
def style() -> bytes:
    """The one style sheet."""
    return files(__package__).joinpath("style.css").read_bytes()


@cache
def _environment() -> Any:
    # When a page is first asked for: most hosts never are.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        each.__name__: each
        for each in (
            wording.words,
            wording.moment,
            wording.span,
            wording.size,
            wording.number,
            wording.spent,
            wording.hint,
        )
    }
    environment.globals |= {
        "actions": wording.ACTIONS,
        "methods": wording.METHODS,
        "took": wording.took,
        "version": __version__,
    }
    return environment
