import pytest

from workflows.standards import catalogue, controls_for_check, references


@pytest.mark.parametrize(
    ("standard", "edition", "entries"),
    [
        ("ISO/IEC 27001", "2022", 134),
        ("ISO/IEC 42001", "2023", 77),
        ("ISO 9001", "2015", 73),
        ("ISO 14001", "2015", 45),
        ("ISO 22301", "2019", 64),
        ("ISO 45001", "2018", 50),
        ("SOC 2", "2017", 61),
    ],
)
def test_every_catalogue_is_whole(standard: str, edition: str, entries: int) -> None:
    held = catalogue(standard, edition)
    assert held is not None
    assert (len(held.titles), all(held.titles.values())) == (entries, True)
    assert catalogue(standard, None) == held


def test_titles_by_clause_lettered_item_and_fourth_level() -> None:
    held = catalogue("ISO/IEC 27001", "2022")
    quality = catalogue("ISO 9001", "2015")
    assert held is not None
    assert quality is not None
    assert held.title("A.5.18") == "Access rights"
    assert held.title("10.2") == "Nonconformity and corrective action"
    assert held.title("7.5.3 a)") == held.title("7.5.3")
    assert quality.title("7.1.5.2") == quality.title("7.1.5")
    assert held.title("A.9.2.3") is None


def test_there_is_no_catalogue_of_an_edition_that_we_do_not_hold() -> None:
    assert catalogue("ISO/IEC 27001", "2013") is None
    assert catalogue("GDPR", None) is None


def test_a_prowler_check_bears_on_controls_that_the_catalogue_knows() -> None:
    held = catalogue("ISO/IEC 27001", "2022")
    assert held is not None
    assert controls_for_check("aws", "iam_root_mfa_enabled") == ("A.5.15", "A.5.17", "A.8.5")
    assert all(held.title(control) for control in controls_for_check("kubernetes", "apiserver_anonymous_requests"))
    assert controls_for_check("aws", "no_such_check") == ()


def test_one_line_may_name_several_clauses_of_a_standard() -> None:
    assert [(one.standard, one.edition, one.clause) for one in references("ISO 27001:2022 A.8.3, A.5.1")] == [
        ("ISO/IEC 27001", "2022", "A.8.3"),
        ("ISO/IEC 27001", "2022", "A.5.1"),
    ]
    assert references("no requirement at all") == []
