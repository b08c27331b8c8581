"""The enforcement decision: tables of requests, of resources, and properties of what passes."""
