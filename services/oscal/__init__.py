"""OSCAL, outward: open nonconformities as a plan of action and milestones."""

from services.oscal.poam import poam

__all__ = ["poam"]
