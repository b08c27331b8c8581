"""Tests of the demo's FHIR store."""
