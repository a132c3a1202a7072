"""Why a command on a client is refused."""

from workflows.decider import Refusal


class NameTaken(Refusal):
    """Findings name clients by key, name or alias: each is one client's, however it is written."""

    code = "client_name_taken"
    says = "{name} is what the client {holder} is called: choose another, or revise {holder} first."
