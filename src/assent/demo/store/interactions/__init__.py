"""What one request does: reading, writing, searching, batches, the capability statement.

Owns: the rules of each interaction; a function takes the `Context` and the `StoreRequest`, gives a `StoreResponse` or
raises a `StoreError`. Leaves the choice of the interaction to `assent.demo.store.store`.
Source: https://hl7.org/fhir/R4/http.html.
"""
