"""The program: START on stdin, messages on stdout, 0 when the run succeeded."""

import sys

from pdpp_plugins.connectors.imap.collecting import collect
from pdpp_plugins.connectors.wire import serve

if __name__ == "__main__":
    sys.exit(serve(collect))
