from importlib.metadata import packages_distributions

import pytest


@pytest.mark.parametrize("name", ["workflows", "activities", "services"])
def test_no_other_distribution_claims_our_packages(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"closeout"}
