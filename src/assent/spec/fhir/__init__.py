"""The enforcement decision: may this FHIR request be made, in which form, and what of the answer may be seen.

Owns, all pure: reading a request (`interactions`), what scopes and powers allow together (`rights`), who a
resource belongs to (`compartments`), safe searches (`search`, `chains`, `narrowing`), the decision (`decide`)
and the checking of every resource that is sent or returned (`visibility`, `answers`). Tokens, HTTP and the
upstream FHIR server are the gateway's.

Rights = scope ∩ permission. What is missing, unknown or undecidable gives no access.

Sources: FHIR R4 (4.0.1) RESTful API, Search, CompartmentDefinition/patient; SMART App Launch 2.2,
scopes-and-launch-context.
"""
