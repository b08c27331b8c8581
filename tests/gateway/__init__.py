"""Tests of the gateway: the whole application in front of a FHIR server that really answers."""
