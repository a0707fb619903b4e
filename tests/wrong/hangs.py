"""Says DONE and does not exit: its host has to end it."""

import time

from honest import Honest, run

run(Honest)
time.sleep(60)
