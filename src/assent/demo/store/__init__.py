"""The demo's FHIR store: a small FHIR R4 server in this process, with a made-up population.

Owns: resources and their versions, search, batches, the synthetic people and their charts. It is a store for
demonstrations and tests: everything is in memory, nothing is authorized, nothing outside `assent.demo` depends on it.
Leaves to others: who may see what (the gateway stands in front of it), tokens, pages.

    store.py       FhirStore.handle(method, path, query, headers, body) -> StoreResponse
    app.py         the same as an ASGI application
    search/        FHIR search (https://hl7.org/fhir/R4/search.html)
    population/    the people; the same ones every time

Source: https://hl7.org/fhir/R4/http.html.
"""
