"""What a server sends and asks for elsewhere on its own account: documents that clients point to, and mail.

Owns where that may lead, how long and how much, and the words for what was not reached. FHIR servers are asked by
`fhir`; providers and directories, where people sign in, by `identity`.
"""
