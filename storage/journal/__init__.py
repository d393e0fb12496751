"""The journal of live sources: what came, when it came, in the order in which it came.

``.qraft/journal/NAME/`` holds segments; :class:`.writer.Writer` is the one that appends,
:class:`.reader.Reader` hands records out from any cursor on. Hours that are over are sealed into
the lake (:mod:`.sealing`), under ``raw/streams/NAME/DAY/HH``, and cursors stay valid there.
"""
