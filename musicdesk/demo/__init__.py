"""The demo room: a small library that the program composes, plays and listens to by itself.

`world` is the planted truth (who likes what, and why), `compose` writes the songs, `mix` plays them,
`library` puts the files on disk. Everything is decided by a seed. Styles are data in `resources/demo`.
"""
