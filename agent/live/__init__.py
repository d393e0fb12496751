"""Live sources as processes: connector to journal, journal to flow, flow to tables and to the bus.

A source is two processes. One records: connector, journal, clock ticks, reloads, people's ratings.
The other runs the flow on the journal's tail, and commits what comes out of it. Neither waits for
the other: what is slow is behind, and says so. One more process, the projector, loads what was
committed into the warehouse of the whole workspace, seals hours that are over, and lets go of what
is kept elsewhere.
"""
