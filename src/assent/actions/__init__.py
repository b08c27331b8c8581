"""What administration and people themselves may do, each use-case once: checked, carried out, audited in its own act.

The commands, the console, the API and the account page call these; none of them changes a record by itself. Frozen
values go in and come out, and whatever cannot be done is one error, `refusals.Refused`. Who may call what is asked by
the caller's surface.

Each subject is a package. Beside them stand what all of them are made of (`changes`, `definitions`, `documents`,
`imports`, `refusals`), and what is asked of the whole server (`audit`, `keys`, `explanations`).
"""
