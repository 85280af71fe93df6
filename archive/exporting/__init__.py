"""Exports: the archive in the formats of other tools, with manifests, reproducible byte for byte.

``run.export`` writes tables and texts, ``archive.warc`` and ``archive.wacz`` the bytes as received, ``check.check``
proves that an export is still what its manifest says.
"""
