"""An authorization request, from its parameters to its code.

    request   parameters -> AuthorizeRequest        page errors and redirect errors kept apart
    scope     which scopes can be granted at all    asked ∩ listed, and auto-grant
    progress  what is known by now                  request, person, what each page settled
    complete  what needs no question                the EHR's launch, the only record, what was given before
    reach     whose record a person may open        asked by pages and launches alike
    steps     what is asked next                    login → terms → launch context → approval; one decider
    resume    a page settles its field              by conditional writes; a page cannot skip a step
    agreement the terms of service                  a yes kept with what was read, a no to the app
    respond   grant and code, once                  and where the browser is sent

Steps and pages never name each other. Sources: RFC 6749 4.1, RFC 7636, RFC 9207, OpenID Connect Core 3.1.2,
SMART App Launch 2.2 app-launch.
"""
