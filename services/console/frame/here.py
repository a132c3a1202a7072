"""Who reads at the console what reports tell, too."""

from datetime import date, datetime

from services.console.frame import reader, telling
from services.console.frame.catalogue import gettext
from services.reports.wording import Reader


class Here(Reader):
    """Who reads at the console: texts in the language of its catalogue, days and instants as its pages write them."""

    def said(self, text: str) -> str:
        """A text of the catalogue, in their language."""
        return gettext(text)

    def told(self, sentence: str) -> str:
        """A sentence of the rules, in their words."""
        return telling.told(sentence, self.zone)

    def on(self, day: date) -> str:
        """A day."""
        return reader.day(day)

    def at(self, instant: datetime | None) -> str:
        """An instant to the minute; nothing for none."""
        return reader.moment(instant, self.zone) if instant else ""
