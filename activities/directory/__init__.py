"""Who acts, with what keys, and the documents that findings came in: tables beside the ledger."""
