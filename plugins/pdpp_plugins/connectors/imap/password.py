"""Passwords: out of a netrc file, so that none is ever in a URL, on a command line or on the wire."""

from __future__ import annotations

import os

from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.imap.account import Account

NETRC = "PDPP_IMAP_NETRC"
"""Names the file; `~/.netrc` where it is not set."""


def password(account: Account) -> str:
    """The account's password; raises Refused.

    Looked up under `login@server`, so that one server may have several logins, then under the server
    where that entry's login is the account's.
    """
    path = os.environ.get(NETRC) or os.path.join(os.path.expanduser("~"), ".netrc")
    hosts = _hosts(path)
    own = hosts.get(f"{account.login}@{account.host}")
    shared = hosts.get(account.host)
    if own is not None:
        found = own[2]
    elif shared is not None and shared[0] == account.login:
        found = shared[2]
    else:
        raise _missing(
            f"the netrc file has no password for {account.login!r} at {account.host!r}; "
            f"add `machine {account.login}@{account.host} login {account.login} password …`"
        )
    if not found:
        raise _missing(f"the netrc entry of {account.login!r} at {account.host!r} has an empty password")
    return found


def _hosts(path: str) -> dict[str, tuple[str, str, str]]:
    import netrc

    try:
        return netrc.netrc(path).hosts
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "no file"
        raise _missing(f"the netrc file cannot be read ({why}); {NETRC} names it, else ~/.netrc") from None
    except netrc.NetrcParseError as error:  # its message quotes the token that it did not expect
        raise _missing(f"the netrc file cannot be understood at line {error.lineno}") from None
    except UnicodeDecodeError:
        raise _missing("the netrc file is not UTF-8") from None


def _missing(message: str) -> Refused:
    return Refused(message, "credentials_missing", recovery_hint="refresh_credentials")
