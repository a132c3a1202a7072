"""Names and texts as there is room for them. Pure."""

END = 9
"""How many characters of the end of a long name are kept: of a requirement, that is where its clause stands."""


def shortened(name: str, most: int) -> str:
    """A name of at most so many characters; of a longer one, its beginning and its end."""
    return name if len(name) <= most else f"{name[: most - END - 1].rstrip()}…{name[-END:].lstrip()}"


def begun(text: str, most: int) -> str:
    """A text of at most so many characters; of a longer one, its beginning."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
