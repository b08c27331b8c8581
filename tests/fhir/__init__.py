"""Tests of `assent.fhir`."""
