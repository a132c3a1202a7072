"""Which mails go out together: a digest, and what would be a flood: pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from activities.directory.mail import Mail

FLOOD = 10
"""More mails than this that wait for one person at once are one mail."""

LONGEST = 100
"""So many notices one mail holds."""


def bundles(due: Sequence[Mail]) -> Iterator[Sequence[Mail]]:
    """Mails that are due, person by person, as they go out: each of these lists is one mail."""
    for _, group in groupby(due, key=lambda one: one.person):
        mails = list(group)
        digest = [one for one in mails if one.digest]
        single = [one for one in mails if not one.digest]
        if len(single) > FLOOD:
            digest, single = mails, []
        yield from ([one] for one in single)
        yield from (digest[start : start + LONGEST] for start in range(0, len(digest), LONGEST))
