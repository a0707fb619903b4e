"""The protocol monitor: reads what crossed a connector's pipes and names every rule that it breaks.

It knows the wire and nothing of the host, whose own checks it must not share.
"""

from pdpp_tck.monitor.heard import Breach, Heard, Limits
from pdpp_tck.monitor.machine import Machine, watch

__all__ = ["Breach", "Heard", "Limits", "Machine", "watch"]
