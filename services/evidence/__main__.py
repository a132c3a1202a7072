"""`python -m services.evidence`: draws a page of one PDF, for the process that started this one (`drawing`)."""

import sys

from services.evidence.drawing import main

if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
