"""`python -m services.reports`: renders one document, for the process that started this one (`apart`)."""

import sys

from services.reports.apart import main

if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
