"""Mail: who is told of an event, what they have to do, until when and why; and the calendar of their dates."""
