"""The grades of findings and the stages of audits: words alone, for who reads findings and needs no policy."""

from typing import Literal

Grade = Literal["major", "minor", "ofi"]
Stage = Literal["stage1", "stage2", "surveillance", "recertification", "special", "internal"]
