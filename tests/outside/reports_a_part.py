import shutil
from collections.abc import Sequence

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import Part


@hookimpl
def report_parts() -> Sequence[Part]:
    found = shutil.which("notesd")
    return [Part("notesd", found is not None, found or "it is not on the PATH; install it")]
