"""Which mails go out together: a digest, and what would be a flood: pure."""

import hashlib
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


def name_of(mails: Sequence[Mail]) -> str:
    """By what one mail of these is known: the event, or all of them.

    Of a mail that may have come, a larger one is no repeat: programs that show each Message-ID once would hide it.
    """
    events = [str(one.event_id) for one in mails]
    return events[0] if len(events) == 1 else hashlib.sha256("".join(events).encode()).hexdigest()[:32]
