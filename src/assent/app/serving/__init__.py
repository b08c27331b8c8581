"""An installation as it serves: the routes of its application, its sockets and processes, the work beside requests.

Owns what lasts as long as a process does. What is served is `installation`'s.
"""
