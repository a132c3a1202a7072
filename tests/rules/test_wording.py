"""The check of the auditor's text for suggested causes and solutions."""

import pytest

from tests.rules import walks as w
from tests.rules.life import World, policy
from workflows.findings import Finding
from workflows.nonconformity.phrases import Kind
from workflows.nonconformity.wording import marks, marks_in, warnings

CAUSES = [
    ("Access was not removed because HR does not report leavers.", "because"),
    ("The record is missing due to a lack of training.", "due to"),
    ("The root cause is missing supervision.", "root cause is"),
    ("The deviation results from an old drawing.", "results from"),
    ("For lack of staff, no check was made.", "For lack of"),
    ("Die Prüfung fehlte, weil niemand zuständig war.", "weil"),
    ("Die Frist wurde aufgrund von Personalmangel versäumt.", "aufgrund von"),
    ("Der Fehler ist auf fehlende Schulung zurückzuführen.", "zurückzuführen"),
    ("Le contrôle a été omis en raison d'un manque de personnel.", "en raison d'"),
    ("L'écart est dû à une formation insuffisante.", "dû à"),
    ("Les copies manquaient parce qu’elles avaient été détruites.", "parce qu’"),
    ("El registro falta debido a la rotación del personal.", "debido a"),
    ("No se revisó porque no había responsable.", "porque"),
    ("El registro falta a raíz de un cambio de personal.", "a raíz de"),
    ("The error arises from an old drawing.", "arises from"),
    ("The likely cause is fatigue.", "The likely cause is"),
    ("Die Prüfung unterblieb aus Zeitgründen.", "aus Zeitgründen"),
    ("L'écart s'explique par un départ.", "s'explique par"),
    ("La verifica non è stata fatta perché mancava il responsabile.", "perché"),
    ("Lo scarto è dovuto alla rotazione del personale.", "dovuto alla"),
    ("Il controllo è stato omesso a causa della carenza di personale.", "a causa della"),
]
SOLUTIONS = [
    ("Leavers should be reported daily.", "should be"),
    ("The company should implement a register.", "should implement"),
    ("We recommend a second check.", "We recommend"),
    ("A monthly review is recommended.", "is recommended"),
    ("The instruction needs to be revised.", "needs to be"),
    ("This could be avoided by a checklist.", "could be avoided by"),
    ("Die Liste sollte monatlich geprüft werden.", "sollte"),
    ("Es wird empfohlen, die Anweisung zu ergänzen.", "wird empfohlen"),
    ("La liste devrait être revue chaque mois.", "devrait"),
    ("Il convient de former le personnel.", "Il convient de"),
    ("La lista debería revisarse cada mes.", "debería"),
    ("Se recomienda formar al personal.", "Se recomienda"),
    ("La empresa debe implantar un registro.", "debe implantar"),
    ("Sería conveniente llevar un registro.", "Sería conveniente"),
    ("The company must introduce a register of tools.", "must introduce"),
    ("The laboratory has to train its analysts again.", "has to train"),
    ("Consider hiring a second welder.", "Consider hiring"),
    ("It would be better to keep one list.", "It would be better to"),
    ("Es ist ein Register einzuführen.", "ist ein Register einzuführen"),
    ("Es muss ein Verzeichnis eingeführt werden.", "muss ein Verzeichnis eingeführt"),
    ("L'entreprise doit mettre en place un registre.", "doit mettre en place"),
    ("Il serait souhaitable de tenir un registre.", "Il serait souhaitable"),
    ("L'azienda deve introdurre un registro.", "deve introdurre"),
    ("Il registro dovrebbe essere firmato ogni mese.", "dovrebbe"),
    ("Si raccomanda di formare il personale.", "Si raccomanda"),
]
CLEAN = [
    "The certificate of the balance was due to expire on 3 May and was not renewed.",
    "The root cause analysis of NC-2025-0017 was not recorded.",
    "The manufacturer's recommended interval of six months was exceeded by forty days.",
    'Procedure QP-7 states: "records should be kept because the customer asks for them".',
    "Die Anweisung sagt: „Die Liste sollte monatlich geprüft werden“; geprüft wurde sie im Januar und im Mai.",
    "La procédure dit : « le registre devrait être signé » ; trois pages ne l'étaient pas.",
    "Clause 7.2 requires evidence of competence; for two of five welders there was none.",
    "El registro de marzo no estaba firmado.",
    "Le car de transport n'était pas inscrit au registre.",
    "Records must be kept for three years; four of ten were not.",
    "Two people have to sign; one did.",
    "Die Anweisung QP-7 muss jährlich geprüft werden; zuletzt geschah das im Jahr 2023.",
    "Die Lieferanten sind zugelassen. Ein Register einzuführen war Thema im Mai.",
    "Les enregistrements doivent être conservés trois ans.",
    "El procedimiento debe estar aprobado; no lo estaba.",
    "La procedura QP-7 prevede una verifica mensile: da marzo non risulta.",
]


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [*((text, words, "cause") for text, words in CAUSES), *((text, words, "solution") for text, words in SOLUTIONS)],
)
def test_words_that_suggest_are_marked_where_they_stand(text: str, words: str, kind: Kind) -> None:
    before = "Three records were seen. "
    found = marks_in("statement", before + text)
    assert (words, kind) in [(mark.words, mark.kind) for mark in found]
    assert all((before + text)[mark.start : mark.end] == mark.words for mark in found)
    assert {mark.kind for mark in found} == {kind} or "lack of" in text.casefold()


@pytest.mark.parametrize("text", CLEAN)
def test_what_is_no_suggestion_is_not_marked(text: str) -> None:
    assert marks_in("statement", text) == []


def test_a_stated_language_is_the_only_one_that_is_looked_for() -> None:
    assert marks_in("statement", "The word weil stands on the label.", "en-GB") == []
    assert len(marks_in("statement", "The word weil stands on the label.", "tlh")) == 1
    assert len(marks_in("statement", "Es fehlte, weil er weil schrieb.", "de-AT")) == 2
    assert marks_in("statement", "Perché no?", "en") == []
    assert len(marks_in("statement", "Perché no?", "it-CH")) == 1


def test_an_open_quotation_mark_hides_nothing() -> None:
    assert len(marks_in("statement", 'The label reads 5" because it was cut.')) == 1


def test_every_text_of_a_finding_is_looked_at_and_each_kind_is_told_once() -> None:
    finding = Finding.model_validate(
        {
            **w.FINDING,
            "title": "Access not removed because of holidays",
            "statement": "It was late because of X, and because of Y. It should be earlier.",
            "objective_evidence": "We recommend a list.",
        }
    )
    assert [(mark.field, mark.kind) for mark in marks(finding)] == [
        ("title", "cause"),
        ("statement", "cause"),
        ("statement", "cause"),
        ("statement", "solution"),
        ("objective_evidence", "solution"),
    ]
    assert warnings(finding) == (
        "The title suggests a cause ('because'): that is for the client to find.",
        "The statement suggests a cause ('because'): that is for the client to find.",
        "The statement suggests a solution ('should be'): that is for the client to find.",
        "The objective evidence suggests a solution ('We recommend'): that is for the client to find.",
    )


def test_a_warning_stops_nobody() -> None:
    case = World(policy()).walk(w.opened(statement="Leavers should be reported because HR forgets.")).case
    assert (case.status, len(case.warnings)) == ("open", 2)
