"""Phrases that suggest a cause or a solution, by language: heuristics, collected from what auditors write.

Each is a regular expression of whole words; a blank stands for any space. A list holds what says a cause or a
solution in most texts, and leaves out what as often says something else: *since*, *car* (a bus), *da* (there),
*suite à* (after), and *must* or *shall* before verbs in which standards state their requirements.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

Kind = Literal["cause", "solution"]

_DO = "be|have|implement|introduce|establish|define|train|document|review|update|ensure|consider|provide|add|use|check"
_ACT = (
    "introduce|implement|install|create|set up|put in place|hire|appoint|train|retrain|replace|revise|rewrite|adopt|"
    "buy|purchase|automate"
)
"""What a requirement seldom says and a solution often does."""

_ACTING = "introducing|implementing|installing|creating|setting up|hiring|appointing|training|replacing|adopting|buying"
_BETWEEN = r"(?:\s+[^\s.;:!?]+){0,8}?"
"""The words that German puts between the parts of a verb."""

_GETAN = (
    "eingeführt|umgesetzt|eingerichtet|installiert|angeschafft|geschult|nachgeschult|ersetzt|überarbeitet|eingestellt|"
    "benannt|automatisiert"
)
_TUN = "einführen|umsetzen|einrichten|installieren|anschaffen|schulen|ersetzen|überarbeiten|einstellen|benennen"
_ZU_TUN = (
    "einzuführen|umzusetzen|einzurichten|anzuschaffen|einzustellen|"
    r"zu\s+(?:schulen|installieren|ersetzen|überarbeiten|benennen)"
)
_FAIRE = (
    "introduire|mettre en (?:place|œuvre|oeuvre)|instaurer|installer|créer|former|recruter|embaucher|nommer|remplacer|"
    "réviser|acheter|automatiser"
)
_HACER = (
    "introducir|implantar|implementar|instaurar|instalar|crear|formar|capacitar|contratar|nombrar|designar|sustituir|"
    "reemplazar|revisar|comprar|automatizar"
)
_FARE = (
    "introdurre|implementare|attuare|istituire|installare|creare|formare|addestrare|assumere|nominare|sostituire|"
    "rivedere|acquistare|automatizzare"
)
_DE = r"(?:de|du|des|d['’])"
_DI = r"d(?:i|el|ello|ella|ei|egli|elle|ell['’])"
_DA = r"da(?:l|llo|lla|i|gli|lle|ll['’])?"
_A = r"a(?:d|l|llo|lla|i|gli|lle|ll['’])?"

PHRASES: Mapping[str, Mapping[Kind, Sequence[str]]] = {
    "en": {
        "cause": (
            "because",
            # Not what was due to happen on a day.
            r"due to(?! (?:be|expire|end|start|begin|take|arrive|finish|happen)\b)",
            "caused by",
            # The analysis itself can be what is missing.
            r"root[- ]cause\s*(?:is|was|lies|seems|appears|:)",
            r"the (?:underlying |main |likely |probable )?cause (?:is|was|lies|seems|appears)",
            r"(?:the|a) (?:underlying |main |likely |probable )?reason (?:is|was|for (?:this|that|it))",
            "as a (?:result|consequence) of",
            "owing to",
            "on account of",
            r"result(?:s|ed|ing) from",
            r"stem(?:s|med|ming) from",
            r"aris(?:es|ing) from|arose from",
            "(?:triggered|brought about) by",
            r"attribut(?:ed|able) to",
            r"(?:for|through|out of) (?:a |the )?lack of",
            r"traced (?:back )?to",
        ),
        "solution": (
            rf"should (?:not )?(?:{_DO})",
            rf"(?:must|ha(?:s|ve) to) (?:now )?(?:{_ACT})",
            r"ought to",
            r"(?:we|i|auditors?|the (?:audit )?team) (?:would )?(?:recommends?|suggests?|advises?|proposes?)",
            r"(?:is|are) (?:recommended|advised|suggested|advisable)",
            r"recommendations?\s*:",
            rf"needs? to (?:{_DO})",
            rf"consider (?:{_ACTING})",
            "it would be (?:better|good|wise|useful|helpful|advisable) (?:to|if)",
            "would benefit from",
            r"(?:the|a) (?:possible |simple |best )?solution (?:is|would be|could be|lies)",
            r"(?:could|can) (?:easily )?be (?:fixed|solved|avoided|resolved|corrected|remedied|prevented) by",
            r"to (?:fix|solve|resolve|remedy|correct) (?:this|it)",
        ),
    },
    "de": {
        "cause": (
            "weil",
            r"auf(?: )?grund (?:von|der|des|einer|eines|fehlender|mangelnder)",
            "wegen",
            "infolge",
            "(?:als|eine) folge (?:von|der|des|einer|eines)",
            r"(?:verursacht|bedingt|ausgelöst|hervorgerufen) durch",
            r"zurückzuführen",
            "resultier(?:t|en|te|ten) aus",
            r"(?:die )?ursache (?:ist|war|liegt|dafür|hierfür)",
            r"(?:der )?grund (?:dafür|hierfür|ist|war|liegt)",
            "mangels|aus mangel an",
            "aus (?:zeit|kosten|personal)gründen",
            r"liegt daran",
        ),
        "solution": (
            r"sollten?",
            r"(?:wir|ich) (?:empfehlen?|raten?|schlagen? vor)",
            r"(?:wird|werden) (?:empfohlen|vorgeschlagen|angeraten)",
            "empfehlenswert|ratsam",
            r"empfehlung(?:en)?\s*:",
            r"müssten?",
            rf"(?:muss|müssen){_BETWEEN} (?:{_GETAN}|{_TUN})",
            rf"(?:ist|sind){_BETWEEN} (?:{_ZU_TUN})",
            "es wäre (?:besser|sinnvoll|zweckmäßig|hilfreich|gut)",
            "(?:die|eine|mögliche) lösung (?:ist|wäre|liegt|besteht)",
            "abhilfe (?:schafft|schaffen|brächte)",
        ),
    },
    "fr": {
        "cause": (
            r"parce qu(?:e|['’])",
            r"puisqu(?:e|['’])",
            rf"en raison {_DE}",
            rf"à cause {_DE}",
            rf"du fait (?:{_DE}|qu(?:e|['’]))",
            r"due?s? (?:à|au|aux)",
            r"dûe?s? (?:à|au|aux)",
            r"(?:causé|provoqué)e?s? par",
            r"imputables? (?:à|au|aux)",
            r"s['’]explique(?:nt)? par",
            rf"(?:provien(?:t|nent)|résulten?t?) {_DE}",
            r"la cause (?:racine |profonde |probable )?(?:est|était|réside)",
            r"(?:faute|par manque) (?:de|d['’])",
        ),
        "solution": (
            r"devrai(?:t|ent)",
            rf"doi(?:t|vent) (?:{_FAIRE})",
            r"il (?:faut|faudrait)",
            r"nous (?:vous )?(?:recommandons|suggérons|proposons|préconisons|conseillons)",
            r"il (?:est|serait) (?:recommandé|conseillé|préférable|suggéré|souhaitable|judicieux|utile|bon)",
            r"il convient (?:de|d['’])",
            r"recommandations?\s*:",
            "la solution (?:est|serait|consiste)",
        ),
    },
    "es": {
        "cause": (
            "porque",
            "puesto que|dado que|ya que",
            r"debid[oa]s? al?",
            "a causa del?",
            "a raíz del?",
            "por (?:la )?(?:falta|ausencia|culpa) de",
            r"(?:causad|provocad|originad)[oa]s? por",
            r"la causa (?:raíz |probable )?(?:es|fue|era|está)",
            r"se deb(?:e|en|ió|ía) al?",
            "como (?:consecuencia|resultado) del?",
        ),
        "solution": (
            r"deberían?",
            rf"(?:deben?|tienen? que) (?:{_HACER})",
            r"(?:se recomienda|recomendamos|se sugiere|sugerimos|se aconseja|se propone|proponemos)",
            r"(?:es|sería) (?:recomendable|conveniente|aconsejable|deseable|mejor)",
            r"(?:habría|hay) que",
            r"conviene",
            r"recomendaci(?:ón|ones)\s*:",
            "la solución (?:es|sería|pasa)",
        ),
    },
    "it": {
        "cause": (
            "perché|poiché|siccome|dato che|visto che",
            rf"a causa {_DI}",
            rf"dovut[oaie] {_A}",
            rf"(?:causat|provocat|determinat)[oaie] {_DA}",
            rf"imputabil[ei] {_A}",
            rf"deriva(?:no|va|vano)? {_DA}",
            "per (?:la )?(?:mancanza|carenza|assenza|colpa) di",
            "(?:in|come) conseguenza di",
            r"la causa (?:radice |principale |probabile )?(?:è|era|risiede|sta)",
        ),
        "solution": (
            r"dovrebb(?:e|ero)",
            rf"dev(?:e|ono) (?:{_FARE})",
            r"(?:si (?:raccomanda|consiglia|suggerisce|propone)|raccomandiamo|consigliamo|suggeriamo|proponiamo)",
            r"(?:è|sarebbe) (?:raccomandato|consigliabile|opportuno|preferibile|utile|meglio|bene)",
            r"bisogn(?:a|erebbe)|occorre(?:rebbe)?|converrebbe",
            r"raccomandazion[ei]\s*:",
            "la soluzione (?:è|sarebbe|consiste)",
        ),
    },
}
