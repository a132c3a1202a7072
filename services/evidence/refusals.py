"""Why a file of evidence is not taken, or not attached as it is described."""

from workflows.decider import Refusal


class ForAnotherClient(Refusal):
    """A client's people, and keys that are bound to one, upload for that client."""

    kind = "forbidden"
    code = "another_client"
    says = "You upload evidence for {own} alone."


class ForWhom(Refusal):
    """Evidence is a client's: whoever works for several says whose."""

    kind = "invalid"
    code = "client_missing"
    says = "Name the client whose evidence it is."


class UnknownClient(Refusal):
    """Evidence is of a registered client."""

    kind = "invalid"
    code = "client_unknown"
    says = "There is no client {key}."


class RevisedUnknown(Refusal):
    """A revision takes the place of a file of the same client."""

    kind = "invalid"
    code = "revised_unknown"
    says = "There is no file {id} of this client, or none that you may see."


class EmptyFile(Refusal):
    """A file without a byte shows nothing."""

    kind = "invalid"
    code = "empty_file"
    says = "The file is empty."


class FileDiffers(Refusal):
    """Evidence that was uploaded is attached as what it is."""

    kind = "invalid"
    code = "file_differs"
    says = "The file with this sha256 that was uploaded has {what} {known}, not {stated}."
