from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import ConnectorWanted, Host, HostWanted, Registered, SubjectError


@hookimpl
def open_subject(wanted: HostWanted | ConnectorWanted) -> Host | Registered | None:
    if isinstance(wanted, ConnectorWanted):
        return None
    raise SubjectError(f"the host {wanted.spec!r} is asleep; wake it up")
