"""`python -m services.intake`: reads one document, for the process that started this one (`apart`)."""

import gc
import sys

from services.intake.apart import main

if __name__ == "__main__":
    # All that it reads lives until it is written, and its end takes everything along: a third of its time went by in
    # looking for garbage. What it may hold is bounded.
    gc.disable()
    main(sys.stdin.buffer, sys.stdout.buffer)
