"""The command `closeout`. Exit code 0 only when what was asked holds."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from services import entry, exporting, handbook, previewing, runs, sending, simulation, watching
from services.heads import BadHeads
from services.intake import Context
from services.provisioning import Unprovisioned, provision
from services.reaching import Unreachable
from services.settings import BadSettings, Settings
from services.tokens import BadTokenKey
from workflows.people import Role
from workflows.policy import Policy
from workflows.policy_book import PolicyError, at_fault, read, twins
from workflows.policy_doubts import doubts
from workflows.registry import PROCEDURES
from workflows.simulator.scenario import ScenarioError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
policy_app = typer.Typer(no_args_is_help=True, help="Deadline policies.")
ledger_app = typer.Typer(no_args_is_help=True, help="The record itself.")
app.add_typer(policy_app, name="policy")
profile_app = typer.Typer(no_args_is_help=True, help="Column profiles of tables.")
app.add_typer(profile_app, name="profile")
app.add_typer(ledger_app, name="ledger")
oscal_app = typer.Typer(no_args_is_help=True, help="Documents of OSCAL.")
app.add_typer(oscal_app, name="oscal")

Data = Annotated[Path | None, typer.Option("--data", help="Where the embedded stack keeps everything.")]
Config = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
Policies = Annotated[Path | None, typer.Option("--policies", help="A folder of policies beside the packaged ones.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="The tenant; the installation's own where not given.")]
ReadyFile = Annotated[Path | None, typer.Option("--ready-file", help="Written as JSON once everything is ready.")]

out = Console(soft_wrap=True)


@app.command()
def up(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The API's port.", min=1, max=65535)] = None,
    policies: Policies = None,
    ready_file: ReadyFile = None,
    config: Config = None,
) -> None:
    """Everything on this machine: Postgres, Temporal with its web UI, worker, API; data in one folder."""
    settings = Settings.load({"data": data, "policies": policies}, file=config)
    asyncio.run(runs.up(settings, port, ready_file))


@app.command()
def demo(
    data: Data = None,
    document: Annotated[Path, typer.Option(help="A findings document in AWS Security Hub's format.")] = runs.EXAMPLE,
    ready_file: ReadyFile = None,
) -> None:
    """One document imported, one case closed by six people, one decided by the committee; every claim checked."""
    raise typer.Exit(0 if asyncio.run(runs.demo(data, document, ready_file, out)) else 1)


@app.command()
def api(config: Config = None) -> None:
    """The API alone, on the database and engine that the settings name."""
    from services.api.__main__ import main as serve  # noqa: PLC0415 - half a second that no other command needs

    serve(Settings.load(file=config))


@app.command()
def worker(config: Config = None) -> None:
    """A worker alone, on the database and engine that the settings name."""
    from services.worker import main as serve  # noqa: PLC0415 - as above

    serve(Settings.load(file=config))


@app.command()
def migrate(data: Data = None, config: Config = None) -> None:
    """Brings the database's schema up to date; safe to run from several places at once."""
    applied = asyncio.run(runs.migrated(runs.installation(data, config)))
    out.print("\n".join(applied) if applied else "nothing to do", markup=False)


@app.command()
def bootstrap(data: Data = None, config: Config = None) -> None:
    """Makes sure of what the servers must hold: schema, Temporal namespace, its retention; safe to repeat."""

    def say(line: str) -> None:
        out.print(line, markup=False, highlight=False)

    asyncio.run(provision(runs.installation(data, config), say))


@app.command("import")
def import_files(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="Findings documents.", exists=True, dir_okay=False, readable=True),
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="The documents' format; found from their bytes where not given.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each item, and record nothing.")
    ] = False,
    client: Annotated[str | None, typer.Option(help="The client, for formats that name none.")] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Which column is which field: the name of a saved profile; with --dry-run, a file."),
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Import what is put into a folder, and move it to done/ or failed/ beside its receipts.",
            exists=True,
            file_okay=False,
            writable=True,
        ),
    ] = None,
    follow: Annotated[str | None, typer.Option(metavar="ID", help="Follow an import that was sent before.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every receipt.")] = False,
    receipts: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Write every receipt to a file.", dir_okay=False)
    ] = None,
    api: Annotated[str | None, typer.Option(help="The API's address; the running stack's where not given.")] = None,
    key: Annotated[str | None, typer.Option(envvar="CLOSEOUT_KEY", help="An integration's API key.")] = None,
    data: Data = None,
) -> None:
    """Sends findings documents to the API and says for each item what became of it; 0 if nothing was rejected."""
    files = files or []
    if [bool(files), watch is not None, follow is not None].count(True) != 1:
        raise runs.Unusable("name documents, or a folder with --watch, or an import with --follow: one of the three")
    if receipts is not None and (len(files) > 1 or watch is not None or dry_run):
        raise runs.Unusable("--receipts takes the receipts of one import")
    if dry_run:
        if not files:
            raise runs.Unusable("--dry-run takes documents")
        asked = Context(limits=Settings.load({"data": data}).bounds)
        how, nearest = sending.Reading(format, client, profile), sending.nearest(api, key, data)
        raise typer.Exit(0 if asyncio.run(previewing.preview(files, asked, how, nearest, out)) else 1)
    how, to = sending.Reading(format, client, profile), sending.address(api, key, data)
    if watch is not None:
        asyncio.run(watching.watch(watch, how, to, out))
        return
    showing = sending.Showing(out, verbose, receipts)
    sent = sending.send(files, how, to, showing) if follow is None else sending.resume(follow, to, showing)
    raise typer.Exit(0 if asyncio.run(sent) else 1)


@profile_app.command("suggest")
def profile_suggest(
    file: Annotated[Path, typer.Argument(help="A CSV file or a workbook.", exists=True, dir_okay=False, readable=True)],
) -> None:
    """Proposes which column of a table is which field, as a profile to save, with the reason for each."""
    sys.stdout.write(previewing.suggestion(file, out))


@oscal_app.command("poam")
def oscal_poam(
    client: Annotated[str, typer.Option(help="The client's key.")],
    file: Annotated[
        Path | None,
        typer.Option("--out", help="Where to write it; the standard output where not given.", dir_okay=False),
    ] = None,
    api: Annotated[str | None, typer.Option(help="The API's address; the running stack's where not given.")] = None,
    key: Annotated[
        str | None, typer.Option(envvar="CLOSEOUT_KEY", help="A person's token, or an API key bound to the client.")
    ] = None,
    data: Data = None,
) -> None:
    """A client's open nonconformities as a plan of action and milestones, in JSON."""
    asyncio.run(exporting.poam(client, exporting.address(api, key, data), file))


@app.command()
def report(
    id: Annotated[str, typer.Argument(metavar="ID", help="The nonconformity's id.")],
    file: Annotated[Path, typer.Option("--out", help="Where to write it.", dir_okay=False)],
    format: Annotated[Literal["pdf", "docx"], typer.Option(help="As what.")] = "pdf",
    zone: Annotated[str | None, typer.Option(help="The reader's time zone; the case's own where not given.")] = None,
    api: Annotated[str | None, typer.Option(help="The API's address; the running stack's where not given.")] = None,
    key: Annotated[
        str | None, typer.Option(envvar="CLOSEOUT_KEY", help="A person's token, or an API key that sees it.")
    ] = None,
    data: Data = None,
) -> None:
    """The report of a nonconformity, as PDF or in the certification body's own Word template."""
    asyncio.run(exporting.report(id, format, zone, exporting.address(api, key, data), file))


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What the person is.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    client: Annotated[str | None, typer.Option(help="The client's key, for roles on the client's side.")] = None,
    tenant: Tenant = None,
    data: Data = None,
) -> None:
    """A token of the embedded issuer, for a person."""
    sys.stdout.write(runs.token(runs.installation(data, None), role, name, client, tenant) + "\n")


@policy_app.command("check")
def policy_check(path: Annotated[Path, typer.Argument(help="A policy, or a folder of them.", exists=True)]) -> None:
    """Reads policies and names file, line, field and rule of whatever cannot be used; doubts are warnings."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise PolicyError(f"{path}: no policy (*.toml) in this folder")
    faults: list[str] = []
    usable: dict[Path, Policy] = {}
    for file in files:
        try:
            usable[file] = read(file)
        except PolicyError as error:
            faults.append(str(error))
    doubled = list(twins(usable.items()))
    faults += [twin.says for twin in doubled]
    for file, policy in usable.items():
        text = file.read_text(encoding="utf-8")
        for place, says in doubts(policy):
            out.print(f"warning: {at_fault(file, text, place, says)}", markup=False, highlight=False)
        if not any(file in (twin.first, twin.second) for twin in doubled):
            out.print(f"{file.name}: {policy.name} {policy.version} can be used", markup=False, highlight=False)
    if faults:
        raise PolicyError("\n".join(faults))


@app.command()
def simulate(
    policy: Annotated[
        Path | None,
        typer.Argument(help="The policy; the scenario's own where not given.", exists=True, dir_okay=False),
    ] = None,
    scenario: Annotated[
        Path, typer.Option(help="Who does what when, and what is expected (docs/simulate.md).")
    ] = simulation.EXAMPLE,
    until: Annotated[str | None, typer.Option(help="The last day of the calendar.", metavar="DATE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """A life under a policy on virtual time: everything that would happen, when and why; also if nobody acts."""
    raise typer.Exit(0 if simulation.simulate(policy, scenario, until, as_json=as_json) else 1)


@policy_app.command("fields")
def policy_fields() -> None:
    """How a policy is written, field by field, and every packaged one: docs/policies.md."""
    sys.stdout.write(handbook.policies_page())


@app.command()
def states(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="The diagram alone, in Mermaid's notation.")] = False,
) -> None:
    """The whole procedure, from its tables (docs/procedure.md); or a nonconformity's state diagram."""
    kind = "nonconformity"
    sys.stdout.write(handbook.diagram(kind, PROCEDURES[kind]) if mermaid else handbook.procedure_page())


@ledger_app.command("verify")
def ledger_verify(
    data: Data = None,
    tenant: Tenant = None,
    heads: Annotated[
        Path | None, typer.Option(help="Write where every stream ends to this file, if nothing is wrong.")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="Compare with such a file, kept from before.")] = None,
    config: Config = None,
) -> None:
    """Checks every chain, digest, reference, number and read model."""
    found = runs.verify(runs.installation(data, config), tenant, out, heads, against)
    raise typer.Exit(0 if asyncio.run(found) else 1)


@ledger_app.command("export")
def ledger_export(data: Data = None, tenant: Tenant = None, stream: str | None = None, config: Config = None) -> None:
    """Writes a tenant's events as NDJSON, each with envelope, payload and hash."""
    asyncio.run(runs.export(runs.installation(data, config), tenant, stream, sys.stdout))


@ledger_app.command("rebuild")
def ledger_rebuild(data: Data = None, tenant: Tenant = None, config: Config = None) -> None:
    """Folds every stream anew and projects it again."""
    changed = asyncio.run(runs.rebuild(runs.installation(data, config), tenant))
    out.print(f"{changed} streams differed from their events", markup=False, highlight=False)


@app.command()
def recover(data: Data = None, config: Config = None) -> None:
    """Starts or nudges every stream that should be alive: after a lost engine, a restored backup, a move."""
    started = asyncio.run(runs.recover(runs.installation(data, config)))
    out.print(f"{started} streams nudged", markup=False, highlight=False)


@app.command()
def doctor(
    data: Data = None,
    config: Config = None,
    api: Annotated[
        str | None, typer.Option(help="The API's address; the running stack's, else CLOSEOUT_PUBLIC_URL.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Verify the whole ledger, not a sample; takes its time.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Checks a deployment part by part and says what to mend; exit code 1 where a check fails."""
    from services.doctor import examination, report  # noqa: PLC0415 - as above

    findings = asyncio.run(examination.examination(data, config, os.environ, api, verify))
    sys.stdout.write(report.document(findings) if as_json else report.text(findings))
    raise typer.Exit(0 if report.well(findings) else 1)


def main() -> None:
    """Runs the command; what the user can mend is said on standard error, without a traceback, with exit code 2."""
    entry.run(
        app, BadHeads, BadSettings, BadTokenKey, PolicyError, ScenarioError, Unprovisioned, Unreachable, runs.Unusable
    )


if __name__ == "__main__":
    main()
