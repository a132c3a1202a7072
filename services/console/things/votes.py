"""Why somebody does not sit in a committee review, in the reader's words."""

from services.console.frame.catalogue import gettext, mark

BY_RULE = frozenset({mark("member of the audit team"), mark("took part in the case"), mark("belongs to the client")})
"""Why the rules recuse somebody; any other reason is a person's own words."""


def recused(why: str) -> str:
    """Why somebody is recused."""
    return gettext(why) if why in BY_RULE else why
