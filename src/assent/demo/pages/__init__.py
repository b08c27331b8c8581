"""The demo's web pages: start page, sample app, mock EHR, backend client, style.

Owns what a visitor of the demo sees and what the mock EHR and the backend client send. Speaks to the
authorization server and the gateway by HTTP alone, at their public URLs, as any EHR, app or service would: what works
here works for an integrator. Leaves the records to `assent.demo.store`, which reaches this package through the two
callables of `DemoSite`.
"""
