"""The Helm chart, rendered for each value file, without a cluster."""

import json
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from services.readiness import PATIENCE
from services.settings import Settings
from tests.deploy.material import (
    CHART,
    COMMANDS,
    DEPLOY,
    PODS,
    VALUES,
    VARIABLES,
    Document,
    environment,
    pod,
    reading,
    rendered,
    size,
    tool,
    values,
    workloads,
)
from workflows.policy_book import read

OLDEST = "1.29"  # as Chart.yaml says
WARNING = 2
FOREIGN = {"ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule"}
"""Kinds of KEDA and of the Prometheus operator: no schema of theirs is packaged, and none is fetched; their content is
asserted below."""

INGRESS = {"kubernetes.io/metadata.name": "ingress-nginx"}
CLAIMS = '[roles]\nclaim = "groups"\nvalues = {QA = "reviewer"}\n'
SECRETS = {"CLOSEOUT_DSN", "CLOSEOUT_OWNER_DSN", "TEMPORAL_API_KEY"}
APART = {"dsn", "owner_dsn", "temporal_address", "temporal_namespace", "policies", "token_key", "evidence_store"}
APART |= {"oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_claims", "smtp_url", "mail_from"}
APART |= {"report_templates", "report_fonts", "listen_host", "listen_port", "worker_port"}
APART |= {"data", "instance", "sample_sign_in", "sample_mail"}
"""Settings that have values of their own in the chart, and those that one's own machine alone has a use for."""


@pytest.fixture(scope="module", params=VALUES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def documents(name: str) -> list[Document]:
    return rendered(values(name))


def named(documents: list[Document], kind: str) -> dict[str, Document]:
    return {document["metadata"]["name"]: document for document in documents if document["kind"] == kind}


def test_there_are_the_three() -> None:
    assert VALUES == ["cluster", "one-machine", "temporal-cloud"]


def test_it_lints(name: str) -> None:
    report = helm_python.lint(CHART, values(name), strict=True, kube_version=f"v{OLDEST}.0")
    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] >= WARNING] == []


def test_its_values_schema_is_one() -> None:
    tool("check-jsonschema", "--check-metaschema", CHART / "values.schema.json")


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
def test_kubernetes_would_take_it(documents: list[Document], version: str) -> None:
    for document in documents:
        if document["kind"] in FOREIGN:
            with pytest.raises(kubernetes_validate.SchemaNotFoundError):
                kubernetes_validate.validate(document, version, strict=True)
        else:
            kubernetes_validate.validate(document, version, strict=True)


def test_pods_are_as_restricted_as_kubernetes_knows(documents: list[Document]) -> None:
    for workload, container in workloads(documents):
        spec = pod(workload)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert all({"emptyDir", "secret", "configMap"} & set(volume) for volume in spec["volumes"])
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}


def test_each_runs_a_command_that_there_is_with_settings_that_there_are(documents: list[Document]) -> None:
    ran = {}
    for workload, container in workloads(documents):
        [ran[workload["metadata"]["name"]]] = container["args"]
        environ = environment(container, secret="postgresql://login@host/name")
        assert {variable for variable in environ if variable.startswith("CLOSEOUT_")} <= VARIABLES
        assert Settings.load(environ=environ).dsn
    assert ran == {"closeout-api": "api", "closeout-worker": "worker", "closeout-bootstrap": "bootstrap"}
    assert set(ran.values()) <= COMMANDS


@pytest.mark.parametrize("component", ["api", "worker"])
def test_each_has_room_for_its_readers_beside_itself(documents: list[Document], component: str) -> None:
    [asked] = [container for _, container in workloads(documents) if container["name"] == component]
    limit, own = (size(asked["resources"][kind]["memory"]) for kind in ("limits", "requests"))
    assert own + reading(Settings.load(environ=environment(asked))) <= limit


@pytest.mark.parametrize(("component", "setting"), [("api", "listen_port"), ("worker", "worker_port")])
def test_each_is_asked_whether_it_lives_and_whether_it_can_work(
    documents: list[Document], component: str, setting: str
) -> None:
    [asked] = [container for _, container in workloads(documents) if container["name"] == component]
    paths = {probe: asked[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    [port] = asked["ports"]
    assert {asked[f"{probe}Probe"]["httpGet"]["port"] for probe in paths} == {port["name"]}
    assert all(asked[f"{probe}Probe"].get("timeoutSeconds", 5) > PATIENCE.total_seconds() for probe in paths)
    settings = Settings.load(environ=environment(asked))
    assert (settings.listen_host, getattr(settings, setting)) == ("0.0.0.0", port["containerPort"])


def test_prometheus_finds_the_pods_and_the_alerts_where_it_is_wanted(documents: list[Document], name: str) -> None:
    monitors, rules = named(documents, "PodMonitor"), named(documents, "PrometheusRule")
    if name != "cluster":
        assert (monitors, rules) == ({}, {})
        return
    spec = monitors["closeout"]["spec"]
    chosen = {
        document["metadata"]["labels"]["app.kubernetes.io/component"]
        for document in named(documents, "Deployment").values()
        if spec["selector"]["matchLabels"].items() <= pod_labels(document).items()
    }
    [expression] = spec["selector"]["matchExpressions"]
    assert chosen == set(expression["values"]) == {"api", "worker"}
    [endpoint] = spec["podMetricsEndpoints"]
    ports = {
        container["name"]: container["ports"][0]["name"]
        for _, container in workloads(documents)
        if "ports" in container
    }
    assert ports == dict.fromkeys(chosen, endpoint["port"])
    assert rules["closeout"]["spec"] == yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())
    assert all(document["metadata"]["labels"]["release"] == "prometheus" for document in (monitors | rules).values())


def pod_labels(document: Document) -> dict[str, str]:
    labels: dict[str, str] = document["spec"]["template"]["metadata"]["labels"]
    return labels


def test_no_secret_is_in_plain_text(documents: list[Document]) -> None:
    assert not named(documents, "Secret")
    for _, container in workloads(documents):
        for entry in container["env"]:
            assert ("secretKeyRef" in entry.get("valueFrom", {})) == (entry["name"] in SECRETS), entry["name"]
        key = environment(container).get("CLOSEOUT_TOKEN_KEY", "/etc/closeout/tokens/token.key")
        assert key == "/etc/closeout/tokens/token.key"


def test_only_the_api_knows_where_evidence_is_kept(documents: list[Document], name: str) -> None:
    stores = {
        container["name"]: Settings.load(environ=environment(container, secret="postgresql://login@host/name"))
        for _, container in workloads(documents)
    }
    given = {"cluster": "s3://acme-cert-evidence/closeout", "one-machine": "s3://evidence"}
    wanted = given.get(name, "gs://acme-cert-evidence/closeout")
    assert {what: settings.evidence_store for what, settings in stores.items() if settings.evidence_store} == {
        "api": wanted
    }
    taken = [one["secretRef"]["name"] for _, each in workloads(documents) for one in each.get("envFrom", [])]
    assert taken == (["closeout-evidence"] if name == "one-machine" else [])


def test_worker_and_api_know_the_mail_server_and_reach_it() -> None:
    """The API says on its pages whether anybody is written to."""
    documents = rendered({"mail": {"secret": "closeout-mail", "from": "closeout@example.org"}})
    told = {
        container["name"]: environment(container, secret="smtps://u:p@mail.example.org")
        for _, container in workloads(documents)
    }
    assert {name for name, variables in told.items() if "CLOSEOUT_SMTP_URL" in variables} == {"api", "worker"}
    for variables in (told["api"], told["worker"]):
        server = {name: one for name, one in variables.items() if name in {"CLOSEOUT_SMTP_URL", "CLOSEOUT_MAIL_FROM"}}
        assert Settings.load(environ=server).mail_from == "closeout@example.org"
    reached = {
        policy: [port["port"] for rule in document["spec"]["egress"] for port in rule["ports"]]
        for policy, document in named(documents, "NetworkPolicy").items()
    }
    assert {policy for policy, ports in reached.items() if 465 in ports} == {"closeout-api", "closeout-worker"}


def test_the_api_finds_templates_and_fonts_in_volumes_of_any_source() -> None:
    items = [{"key": "demo.docx", "path": "demo/nonconformity.docx"}]
    sources: dict[str, Document] = {
        "templates": {"configMap": {"name": "ours", "items": items}},
        "fonts": {"persistentVolumeClaim": {"claimName": "fonts", "readOnly": True}},
    }
    for workload, container in workloads(rendered({"reports": sources})):
        settings = Settings.load(environ=environment(container, secret="postgresql://login@host/name"))
        folders = {"templates": settings.report_templates, "fonts": settings.report_fonts}
        if container["args"] != ["api"]:
            assert set(folders.values()) == {None}
            continue
        mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"] if one.get("readOnly")}
        volumes = {one["name"]: one for one in pod(workload)["volumes"]}
        for what, folder in folders.items():
            name = mounts[str(folder)]
            assert volumes[name] == {"name": name, **sources[what]}


def test_only_bootstrap_knows_the_owner_and_runs_before_the_rest(documents: list[Document]) -> None:
    knows = {
        workload["metadata"]["name"]
        for workload, container in workloads(documents)
        if "CLOSEOUT_OWNER_DSN" in environment(container)
    }
    assert knows == {"closeout-bootstrap"}
    job = named(documents, "Job")["closeout-bootstrap"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert "serviceAccountName" not in pod(job)
    assert not any("configMap" in volume for volume in pod(job)["volumes"])


def test_every_selector_finds_its_own_pods(documents: list[Document]) -> None:
    labels = {
        document["metadata"]["name"]: document["spec"]["template"]["metadata"]["labels"]
        for document in documents
        if document["kind"] in PODS
    }

    def found(selector: dict[str, str]) -> set[str]:
        return {workload for workload, label in labels.items() if selector.items() <= label.items()}

    for kind, path in (
        ("Deployment", "selector"),
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
    ):
        for document_name, document in named(documents, kind).items():
            assert found(document["spec"][path]["matchLabels"]) == {document_name}
    for document_name, document in named(documents, "Service").items():
        assert found(document["spec"]["selector"]) == {document_name}
    assert set(named(documents, "NetworkPolicy")) == set(labels)
    assert set(named(documents, "PodDisruptionBudget")) == set(named(documents, "Deployment"))


def test_pods_reach_what_they_need_and_only_the_api_is_reached(documents: list[Document], name: str) -> None:
    for policy_name, policy in named(documents, "NetworkPolicy").items():
        spec = policy["spec"]
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        evidence = [8333 if name == "one-machine" else 443]
        beside = {"closeout-worker": [443], "closeout-api": evidence}.get(policy_name, [])
        assert [port["port"] for rule in spec["egress"] for port in rule["ports"]] == [53, 53, 5432, 7233, *beside]
        scraped = {"closeout-api", "closeout-worker"} if name == "cluster" else {"closeout-api"}
        assert bool(spec.get("ingress")) == (policy_name in scraped)
    [rule] = named(documents, "NetworkPolicy")["closeout-api"]["spec"]["ingress"]
    assert rule["from"]
    if name == "cluster":
        [scrapes] = named(documents, "NetworkPolicy")["closeout-worker"]["spec"]["ingress"]
        assert [*rule["from"]] == [{"namespaceSelector": {"matchLabels": INGRESS}}, *scrapes["from"]]


def test_workers_scale_as_the_values_say(documents: list[Document], name: str) -> None:
    replicas = named(documents, "Deployment")["closeout-worker"]["spec"].get("replicas")
    specs = {document["kind"]: document.get("spec", {}) for document in documents}
    scalers = {kind: spec for kind, spec in specs.items() if "scaleTargetRef" in spec}
    assert all(spec["scaleTargetRef"]["name"] == "closeout-worker" for spec in scalers.values())
    match name:
        case "one-machine":
            assert (replicas, scalers) == (1, {})
        case "temporal-cloud":
            assert (replicas, set(scalers)) == (None, {"HorizontalPodAutoscaler"})
        case _:
            assert (replicas, set(scalers)) == (None, {"ScaledObject"})
            [trigger] = scalers["ScaledObject"]["triggers"]
            assert trigger["type"] == "temporal"
            assert all(isinstance(value, str) for value in trigger["metadata"].values())
            assert trigger["metadata"]["taskQueue"] == Settings().task_queue
            assert trigger["authenticationRef"]["name"] in named(documents, "TriggerAuthentication")


def engine(name: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, Any]:
    """How the worker of these values would connect: files that it mounts hold their own names."""
    [worker] = [container for _, container in workloads(rendered(values(name))) if container["name"] == "worker"]
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "/nonexistent")
    for variable, value in environment(worker, secret="the secret").items():
        if variable.startswith("TEMPORAL_"):
            mounted = folder / Path(value).name
            if variable.endswith("_PATH"):
                mounted.write_text(mounted.name)
            monkeypatch.setenv(variable, str(mounted) if variable.endswith("_PATH") else value)
    return dict(Settings().engine())


def test_the_engine_is_reached_as_the_values_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert engine("one-machine", monkeypatch, tmp_path) == {
        "target_host": "temporal-frontend.temporal:7233",
        "namespace": "closeout",
    }
    with monkeypatch.context() as cluster:
        tls = engine("cluster", cluster, tmp_path)["tls"]
        assert (tls.client_cert, tls.client_private_key, tls.server_root_ca_cert) == (b"tls.crt", b"tls.key", b"ca.crt")
        assert tls.domain == "temporal-frontend.temporal.svc.cluster.local"
    cloud = engine("temporal-cloud", monkeypatch, tmp_path)
    assert cloud["api_key"] == "the secret"
    assert cloud["tls"]


def test_policies_of_the_values_can_be_used(tmp_path: Path) -> None:
    [config] = named(rendered(values("cluster")), "ConfigMap").values()
    for file, text in config["data"].items():
        (tmp_path / file).write_text(text)
        assert read(tmp_path / file).name == "strict"


def test_names_of_certification_bodies_come_as_they_are_written() -> None:
    names = 'demo = Demo & "Sons" Ltd; other = Other AG'
    for _, container in workloads(rendered({"settings": {"body_names": names}})):
        settings = Settings.load(environ=environment(container, secret="postgresql://login@host/name"))
        assert [settings.body_name(one) for one in ("demo", "other", "third")] == [
            'Demo & "Sons" Ltd',
            "Other AG",
            "third",
        ]


def test_every_setting_that_the_values_may_name_is_one() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    offered = schema["properties"]["settings"]["properties"]
    assert set(offered).isdisjoint(APART)
    assert set(offered) | APART == set(Settings.model_fields)
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema["properties"]) - {"global"} == set(defaults)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"settings": {"dsn": "postgresql://u:p@h/d"}}, "dsn"),
        ({"settings": {"sweep": "PT5S"}}, "sweep"),
        ({"database": {"secret": ""}}, "secret"),
        ({"temporal": {"address": "temporal"}}, "address"),
        ({"temporal": {"tls": {"clientCertificate": True}}}, "tls"),
        ({"networkPolicy": {"apiFrom": []}}, "apiFrom"),
        ({"replicas": 2}, "replicas"),
        ({"evidence": {"url": "file:///evidence"}}, "url"),
        ({"evidence": {"environment": {"PATH": "/bin"}}}, "PATH"),
        ({"worker": {"scaling": {"by": "backlog"}}, "temporal": {"tls": {"enabled": True}}}, "KEDA speaks TLS"),
    ],
)
def test_values_that_cannot_be_meant_are_refused_by_name(given: Document, fault: str) -> None:
    with pytest.raises(helm_python.HelmError, match=fault):
        rendered(given)


def test_without_a_token_key_or_network_policies_it_renders_too() -> None:
    documents = rendered({"tokens": {"secret": ""}, "networkPolicy": {"enabled": False}}, release="other")
    assert not named(documents, "NetworkPolicy")
    assert all("CLOSEOUT_TOKEN_KEY" not in environment(container) for _, container in workloads(documents))
    assert set(named(documents, "Deployment")) == {"other-api", "other-worker"}


def test_an_issuer_takes_the_place_of_the_tokens_key() -> None:
    issuer = {"address": "https://login.example", "clientId": "closeout", "secret": "closeout-oidc", "claims": CLAIMS}
    documents = rendered({"issuer": issuer})
    for workload, container in workloads(documents):
        environ = environment(container, secret="postgresql://login@host/name")
        is_api = container["args"] == ["api"]
        assert ("CLOSEOUT_OIDC_ISSUER" in environ) == is_api
        assert "CLOSEOUT_TOKEN_KEY" not in environ
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            one["name"] for one in pod(workload)["volumes"]
        }
        if is_api:
            settings = Settings.load(environ=environ)
            assert (settings.oidc_issuer, settings.oidc_client_id) == (issuer["address"], issuer["clientId"])
            assert settings.oidc_claims == Path("/etc/closeout/issuer/claims.toml")
            assert not settings.sample_sign_in
    [claims] = [one for one in documents if one["kind"] == "ConfigMap" and one["metadata"]["name"].endswith("-issuer")]
    assert claims["data"]["claims.toml"].strip() == CLAIMS.strip()
    [api] = [one for one in documents if one["kind"] == "NetworkPolicy" and one["metadata"]["name"].endswith("-api")]
    assert {"port": 443, "protocol": "TCP"} in api["spec"]["egress"][-1]["ports"]
