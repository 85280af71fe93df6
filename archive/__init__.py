"""The archive: keeps bytes, texts, versions and their evidence, and gives them back.

``archive.store`` is the only writer, ``archive.reader`` the only door for readers.
"""
