"""Says something before it has read START."""

import json

from honest import Honest, run

print(json.dumps({"type": "PROGRESS", "message": "here I am"}), flush=True)
run(Honest)
