"""The demo: what a newcomer sees in the first minute, on loopback, with made-up people.

Owns the synthetic FHIR store, the start page, the sample app and the mock EHR. Nothing else in the product may
depend on it.
"""
