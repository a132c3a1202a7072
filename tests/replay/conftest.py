from tests.workflows.conftest import town

__all__ = ["town"]
