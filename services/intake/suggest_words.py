"""Words by which people head their columns and grade their findings, as far as we have met them."""

from collections.abc import Mapping, Sequence

from services.intake.profiles import Closed

HEADERS: Mapping[str, Sequence[str]] = {
    "external_id": (
        "external id", "finding uid", "finding id", "issue id", "ncr no", "ncr number", "ncr", "nc number", "nc no",
        "car no",
        "car number", "reference number", "audit finding reference number", "ref no", "ref id", "reference", "ref",
        "report no", "unique reference", "unique id", "key", "id", "no", "nr", "lfd nr", "number", "nummer", "numéro",
        "número", "numero", "control id", "controlid",
    ),
    "title": (
        "title", "finding", "name", "summary", "short description", "subject", "headline", "issue", "observation",
        "nonconformity", "non conformity", "titel", "feststellung", "abweichung", "titre", "constat", "titulo",
        "título",
        "hallazgo", "titolo", "rilievo", "niezgodność", "constatação", "bevinding",
    ),
    "statement": (
        "statement", "description", "finding description", "nonconforming situation", "details",
        "text of the audit finding",
        "statement of nonconformity", "beschreibung", "description du constat", "descripción", "descrizione", "opis",
        "descrição", "omschrijving", "control text", "controltext",
    ),
    "objective_evidence": (
        "objective evidence", "evidence", "audit evidence", "status extended", "nachweis", "objektiver nachweis",
        "preuve",
        "preuve objective", "evidencia", "evidencia objetiva", "evidenza", "dowód", "evidência", "bewijs",
    ),
    "client": ("client", "company", "organisation", "organization", "auditee", "customer", "kunde", "cliente", "klant"),
    "sites": ("site", "sites", "location", "standort", "sede", "lokalizacja"),
    "department": (
        "department", "dept", "area", "function", "area audited", "abteilung", "bereich", "service", "departamento",
    ),
    "process": ("process", "processes", "prozess", "processus", "proceso", "processo", "proces"),
    "grade": (
        "grade", "category", "classification", "major minor", "type of finding", "finding type", "nc type", "type",
        "einstufung",
        "bewertung", "kategorie", "klasse", "catégorie", "categoría", "categoria", "kategoria",
    ),
    "severity": ("severity", "priority", "risk", "risk level", "criticality", "schweregrad", "gravité", "severidad"),
    "requirements": ("requirements", "requirement", "std and clause no s", "standard and clause", "norm und kapitel"),
    "standard": ("standard", "norm", "norme", "norma", "std", "framework"),
    "edition": ("edition", "ausgabe", "version of standard"),
    "clause": (
        "clause", "clauses", "clause no", "clause number", "clause reference numbers", "control", "controls",
        "normkapitel",
        "kapitel", "abschnitt", "chapitre", "cláusula", "punto", "punkt normy", "clausola", "artikel",
    ),
    "requirement_text": ("requirement text", "specific requirement", "requirement wording", "anforderung", "exigence"),
    "detected_at": (
        "detected at", "date", "date found", "found on", "raised on", "date raised", "created at", "created",
        "date of finding",
        "finding date", "audit date", "issue date", "datum", "festgestellt am", "date du constat", "fecha", "data",
    ),
    "updated_at": ("updated at", "last updated", "modified", "last modified", "geändert am"),
    "language": ("language", "sprache", "langue", "idioma", "lingua"),
    "audit_ref": ("audit ref", "audit", "audit no", "audit number", "audit id", "audit reference", "auditnummer"),
    "audit_stage": ("audit stage", "stage", "audit type", "auditart"),
    "audit_ended_on": ("audit ended on", "audit end date", "auditende"),
    "audit_team": ("audit team", "auditor", "auditors", "auditor name", "lead auditor", "auditeur", "auditorin"),
    "certificates": ("certificate", "certificates", "certificate no", "zertifikat", "certificat", "certificado"),
    "attachments": ("attachments", "attachment", "url", "link", "links", "wiz url", "source url"),
}  # fmt: skip
"""Headers in words, folded and without signs, the likeliest first."""

GRADES: Mapping[str, str] = {
    "major": "major", "maj": "major", "nc major": "major", "major nc": "major", "major nonconformity": "major",
    "major non conformity": "major", "hauptabweichung": "major", "majeure": "major", "mayor": "major",
    "maggiore": "major",
    "nc majeure": "major", "no conformidad mayor": "major", "duża": "major", "kritische abweichung": "major",
    "minor": "minor", "min": "minor", "nc minor": "minor", "minor nc": "minor", "minor nonconformity": "minor",
    "minor non conformity": "minor", "nebenabweichung": "minor", "mineure": "minor", "menor": "minor",
    "minore": "minor",
    "nc mineure": "minor", "no conformidad menor": "minor", "mała": "minor",
    "ofi": "ofi", "observation": "ofi", "obs": "ofi", "opportunity for improvement": "ofi", "improvement": "ofi",
    "recommendation": "ofi", "hinweis": "ofi", "verbesserungspotenzial": "ofi", "empfehlung": "ofi", "remarque": "ofi",
    "observación": "ofi", "oportunidad de mejora": "ofi", "osservazione": "ofi",
}  # fmt: skip
"""Words that mean a grade; `category 1` and its like mean a different thing in each house."""

ENDED: Mapping[str, Closed] = {
    "resolved": "resolved", "closed": "resolved", "fixed": "resolved", "done": "resolved", "completed": "resolved",
    "geschlossen": "resolved", "erledigt": "resolved", "cerrado": "resolved", "chiuso": "resolved", "clos": "resolved",
    "pass": "passed", "passed": "passed", "compliant": "passed", "conform": "passed", "konform": "passed",
    "suppressed": "suppressed", "muted": "suppressed", "ignored": "suppressed", "false positive": "suppressed",
    "archived": "archived", "not applicable": "not_assessed", "n/a": "not_assessed", "manual": "not_assessed",
}  # fmt: skip
"""Words of a status column that mean no open finding."""

STATUS = ("status", "state", "result", "compliance status", "ergebnis", "statut", "estado", "stato")
"""Headers of such a column."""

FORMATS = (
    "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y",
    "%m-%d-%y",
    "%m.%d.%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y/%d/%m", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
    "%d-%b-%y",
)  # fmt: skip
"""Formats of days that are tried on the samples; each also with a time after it."""

TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %H:%M")
