"""What an installation may choose: one flat list of settings, each from one of four places.

A value given by the caller (a command line option) wins over the environment (`CLOSEOUT_*`), which wins over the TOML
file (`CLOSEOUT_CONFIG`), which wins over the default. An empty variable counts as not given, and a variable that names
no setting is left alone: container platforms invent such names (`CLOSEOUT_SERVICE_HOST`). A key of the file that names
no setting is an error.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig

from services import settings_rules
from services.intake import Limits
from workflows.people import Frozen
from workflows.shapes import sentence

PREFIX = "CLOSEOUT_"
CONFIG = f"{PREFIX}CONFIG"
"""The variable that names the TOML file; no setting itself."""

OFF = "none"
"""How a setting that may be switched off is switched off."""

DAY = timedelta(days=1)
"""The shortest retention that Temporal takes."""

AT_ONCE = 10_000
"""The most findings of one request that is answered at once (CONTRACT, Findings); an import may bring more."""

_BOUNDS = Limits()

Bound = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Switchable = BeforeValidator(lambda value: None if value == OFF else value)


class BadSettings(ValueError):
    """One or more settings break their rule; one line for each, with where it came from. Values are never quoted."""


class Settings(Frozen):
    """The settings of one process. Durations are ISO 8601 (`PT5M`); secrets stay out of `repr`."""

    model_config = ConfigDict(hide_input_in_errors=True, use_attribute_docstrings=True)

    data: Path = Path(".closeout")
    """Where the embedded servers keep everything."""

    dsn: str = Field(default="", repr=False, pattern="^(postgres(ql)?://.*)?$")
    """The database, as the login that may SET ROLE closeout_app; given, no embedded Postgres is started."""

    owner_dsn: str = Field(default="", repr=False, pattern="^(postgres(ql)?://.*)?$")
    """The database as the owner, for migrations and repairs; `dsn` where not given."""

    temporal_address: str = Field(default="", pattern=r"^([^\s:]+:\d+|\[[0-9a-fA-F:]+\]:\d+)?$")
    """The engine, `host:port`; given here or to Temporal's own configuration, no embedded server is started."""

    temporal_namespace: str = ""
    """The namespace; Temporal's own configuration, then `default`, where not given."""

    temporal_retention: Annotated[Annotated[timedelta, Field(ge=DAY)] | None, Switchable] = timedelta(days=7)
    """How long the engine keeps the history of a life that has ended; `none` where others keep the namespace."""

    task_queue: str = Field(default="closeout", min_length=1)
    """The task queue that workers poll and workflows start on."""

    listen_host: str = "127.0.0.1"
    """The address that the API binds, and the worker for its probes."""

    listen_port: Port = 8460
    """The port that the API binds; `closeout up` takes the first free one after it, and keeps it."""

    worker_port: Annotated[Port | None, Switchable] = None
    """The port of the worker's probes and numbers, on `listen_host`; `none` for none. `closeout up` chooses one."""

    instance: str = Field(default="", pattern="^[!-~]{0,200}$")
    """What the API calls itself in the header `Closeout-Instance` of its answers; `closeout up` knows its own by it."""

    public_url: str = Field(default="", pattern="^(https?://.*[^/])?$")
    """How others reach the API, without a slash at the end; the bound address where not given."""

    tenant: str = Field(default="demo", pattern="^[a-z0-9][a-z0-9-]{0,62}$")
    """The tenant of commands that name none."""

    body_names: Annotated[str, AfterValidator(settings_rules.called)] = ""
    """What certification bodies are called on pages and in reports: `demo = Demo Certification Ltd; other = Other AG`.
    A tenant that is not named here is called by its key."""

    policies: Path | None = None
    """A folder of deadline policies beside the packaged ones."""

    report_templates: Path | None = None
    """A folder of report templates: `TENANT/nonconformity.docx` and `minutes.docx`; ours where a tenant has none."""

    report_fonts: Path | None = None
    """A folder of fonts for PDF reports beside the packaged ones, which show no Chinese, Japanese or Korean."""

    token_key: Path | None = None
    """The file with the private key of the embedded issuer of tokens; without it no person can sign in."""

    token_issuer: str = "closeout"  # noqa: S105 - a name, no secret
    """The name under which the embedded issuer signs."""

    token_audience: str = "closeout"  # noqa: S105 - a name, no secret
    """The audience that every token names."""

    oidc_issuer: Annotated[str, AfterValidator(settings_rules.issuer)] = ""
    """The OpenID Connect issuer by whom people sign in, and whose tokens the API takes; wins over `token_key`."""

    oidc_client_id: Annotated[str, Field(validate_default=True), AfterValidator(settings_rules.registered)] = ""
    """The name of the console at the issuer."""

    oidc_client_secret: str = Field(default="", repr=False)
    """The console's secret at the issuer; without one it is a public client, proved by PKCE alone."""

    oidc_audience: str = ""
    """The audience that the issuer's access tokens name for the API; `oidc_client_id` where not given."""

    oidc_algorithms: Annotated[str, AfterValidator(settings_rules.algorithms)] = "RS256,PS256,ES256,EdDSA"
    """The signatures that the issuer's tokens may bear, whatever they say of themselves."""

    oidc_scopes: str = Field(default="openid profile email", pattern="^openid( .*)?$")
    """What the console asks the issuer for."""

    oidc_claims: Path | None = None
    """The TOML file that says which claims are tenant, roles, client and name; `services/signin/claims.toml` else."""

    sample_sign_in: Annotated[bool, AfterValidator(settings_rules.alone)] = False
    """Whether anybody may sign in as any of the sample people, for trying; `closeout up` switches it on for one's own
    machine, and nobody can where an OIDC issuer is given."""

    sample_mail: Annotated[bool, AfterValidator(settings_rules.alone)] = False
    """Whether the mails to sample people are kept in `data` and shown beside the page of these; `closeout up` switches
    it on where it signs them in, unless `smtp_url` is given."""

    fresh: Annotated[timedelta | None, Switchable] = timedelta(minutes=5)
    """How recently a signer must have authenticated; `none` where the installation does not ask for it."""

    session_idle: timedelta = Field(default=timedelta(hours=1), gt=timedelta())
    """For how long a session at the console is good after its last use."""

    session_absolute: timedelta = Field(default=timedelta(hours=12), gt=timedelta())
    """For how long it is good after its sign-in, used or not."""

    drafts_kept: timedelta = Field(default=timedelta(days=90), gt=timedelta())
    """For how long what somebody typed at the console and did not send is kept, after they last typed."""

    form_bytes: Bound = 5_000_000
    """The most bytes of a form of the console without files; what the rules let one write takes fewer."""

    form_fields: Bound = 2000
    """The most fields of such a form."""

    form_field_bytes: Bound = 2**20
    """The most bytes of one of its fields, with its name."""

    sweep_every: timedelta = Field(default=timedelta(seconds=30), gt=timedelta())
    """How often streams that should have moved and did not are nudged."""

    sweep_grace: timedelta = Field(default=timedelta(minutes=2), ge=timedelta())
    """For how long the sweep leaves a late stream to its timer, which may only wait for its turn (docs/scale.md)."""

    webhook_allow: Annotated[str, AfterValidator(settings_rules.networks)] = ""
    """Networks that are not public and in which receivers of events may stand: `10.1.0.0/16,fd00::/8`."""

    webhook_poll: timedelta = Field(default=timedelta(seconds=1), gt=timedelta())
    """How often a subscription looks for new events."""

    event_listeners: Bound = 100
    """How many an API lets listen to `/v1/events` at a time; each looks for new events once a second."""

    document_bytes: Annotated[Bound, Field(lt=2**31)] = _BOUNDS.bytes
    """The most bytes of one document of findings."""

    document_items: Bound = 100_000
    """The most findings in one document that is imported; `POST /v1/findings` takes 10,000 of them at most."""

    document_depth: Annotated[Bound, Field(le=200)] = _BOUNDS.depth
    """How deep the values of a document may nest."""

    document_values: Bound = _BOUNDS.values
    """The most values of a document in XML or YAML; an alias of YAML counts as all that it repeats."""

    document_columns: Bound = _BOUNDS.columns
    """The most columns of a table."""

    document_cells: Bound = _BOUNDS.cells
    """The most cells of a sheet."""

    document_inflated: Bound = _BOUNDS.inflated
    """To how many bytes a workbook may inflate, and to how many characters the aliases of YAML."""

    document_ratio: Bound = _BOUNDS.ratio
    """To how many times its own size a member of a workbook may inflate."""

    document_memory: Annotated[Bound, Field(ge=2**28)] = _BOUNDS.memory
    """The bytes of memory that the process may take which reads one document."""

    readers: Bound = 2
    """How many such processes an API, or a worker, has at a time; further documents wait for their turn."""

    document_seconds: Bound = _BOUNDS.seconds
    """The seconds of processor time that it may take."""

    evidence_store: str = Field(default="", pattern=r"^((s3|gs|az)://[^/\s]+\S*|file:///\S*)?$")
    """The store of evidence: `s3://bucket/path`, `gs://`, `az://`, `file:///folder`; in `data` where not given."""

    evidence_bytes: Bound = 2 * 2**30
    """The most bytes of one file of evidence."""

    smtp_url: Annotated[str, AfterValidator(settings_rules.mail_server)] = Field(default="", repr=False)
    """The mail server, with user and password: `smtps://` by TLS, `smtp://` by STARTTLS, `smtp+clear://` by neither,
    for a network of one's own. Without one nobody is written to."""

    mail_from: Annotated[str, Field(validate_default=True), AfterValidator(settings_rules.sender)] = ""
    """The address that mail comes from."""

    mail_poll: timedelta = Field(default=timedelta(seconds=2), gt=timedelta())
    """How often it is looked for events to write of."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least of what is logged."""

    log_format: Literal["auto", "json", "text"] = "auto"
    """How it is logged; `auto` is text on a terminal, and JSON elsewhere."""

    @classmethod
    def load(
        cls,
        explicit: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> "Settings":
        """The settings in force. None in `explicit` counts as not given; `file` wins over `CLOSEOUT_CONFIG`.

        Raises BadSettings that names each setting at fault, its origin and its rule.
        """
        return cls.of(Sources.read(explicit, environ, file))

    @classmethod
    def of(cls, sources: "Sources") -> "Settings":
        """The settings that these sources say; raises BadSettings."""
        try:
            return cls.model_validate(sources.values())
        except ValidationError as error:
            raise BadSettings(_explain(error, sources)) from None

    @property
    def bounds(self) -> Limits:
        """The bounds of one document that is imported."""
        return Limits(**{bound.name: getattr(self, f"document_{bound.name}") for bound in fields(Limits)})

    @property
    def bounds_at_once(self) -> Limits:
        """The bounds of one whose findings are recorded before the answer."""
        return replace(self.bounds, items=min(self.document_items, AT_ONCE))

    def body_name(self, tenant: str) -> str:
        """What the certification body of a tenant is called."""
        return settings_rules.names(self.body_names).get(tenant, tenant)

    @property
    def owner(self) -> str:
        """The DSN that migrations and repairs use."""
        return self.owner_dsn or self.dsn

    @property
    def url(self) -> str:
        """How others reach the API."""
        return self.public_url or self.local_url

    @property
    def local_url(self) -> str:
        """How this machine reaches the API."""
        return f"http://{self._local_host}:{self.listen_port}"

    @property
    def worker_url(self) -> str | None:
        """How this machine reaches the worker's probes and numbers; None where it serves none."""
        return None if self.worker_port is None else f"http://{self._local_host}:{self.worker_port}"

    @property
    def _local_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.listen_host, self.listen_host)  # noqa: S104

    def engine(self) -> ClientConnectConfig:
        """What `temporalio.client.Client.connect` needs: Temporal's own environment and file, then these settings.

        `target_host` is missing where neither names an address. Raises BadSettings for a file that cannot be read.
        """
        try:
            config = ClientConfigProfile.load().to_client_connect_config()
        except (RuntimeError, OSError) as error:  # what it says may quote a key
            said = "Temporal's own environment or file cannot be used"
            raise BadSettings(f"TEMPORAL_*: {said}: {_kind(error)}") from None
        if self.temporal_address:
            config["target_host"] = self.temporal_address
        if self.temporal_namespace:
            config["namespace"] = self.temporal_namespace
        return config

    def environment(self) -> dict[str, str]:
        """These settings as the environment of a child process, which then reads no file."""
        values = self.model_dump(mode="json")
        for name, field in type(self).model_fields.items():
            if values[name] is None:
                values[name] = OFF if Switchable in field.metadata else ""
        return {CONFIG: ""} | {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}


def _kind(error: Exception) -> str:
    """What went wrong, without its words."""
    return getattr(error, "strerror", None) or type(error).__name__


@dataclass(frozen=True, slots=True)
class Sources:
    """What each of the places says, defaults apart, as it was written there."""

    chosen: Mapping[str, object]
    given: Mapping[str, str]
    filed: Mapping[str, object]
    file: Path | None

    @classmethod
    def read(
        cls, explicit: Mapping[str, object] | None, environ: Mapping[str, str] | None, file: Path | None
    ) -> "Sources":
        """As `Settings.load` takes them; raises BadSettings for a file that cannot be read."""
        environ = os.environ if environ is None else environ
        if file is None and environ.get(CONFIG):
            file = Path(environ[CONFIG])
        variables = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
        return cls(
            chosen={name: value for name, value in (explicit or {}).items() if value is not None},
            given={name: environ[variable] for name, variable in variables.items() if environ.get(variable)},
            filed=_read(file),
            file=file,
        )

    def values(self) -> dict[str, object]:
        """What is in force of it."""
        return {**self.filed, **self.given, **self.chosen}

    def origin(self, name: str) -> str | None:
        """Where a setting in force was given; None for a default."""
        if name in self.chosen:
            return "given"
        if name in self.given:
            return f"environment, {PREFIX}{name.upper()}"
        return f"file {self.file}" if name in self.filed else None


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text())
    except OSError as error:
        raise BadSettings(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise BadSettings(f"{file}: {error}") from None


def _explain(error: ValidationError, sources: Sources) -> str:
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        name = str(fault["loc"][0])
        rule = "is not a setting" if fault["type"] == "extra_forbidden" else sentence(fault)
        lines.append(f"{name} ({sources.origin(name) or 'not given'}): {rule}")
    return "\n".join(lines)
