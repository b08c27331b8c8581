"""FHIR R4 search: parameters (facts), query and criteria (reading), selection (finding), pages and shapes (answering).

Owns: what a search means. Leaves to `resources`: what is stored; to `bundles`: how an answer is written.
Source: https://hl7.org/fhir/R4/search.html.
"""
