"""The service: what any face may ask of a workspace, one module a noun.

Functions take a :class:`agent.service.service.Service` and return pydantic models; what a face
prints as JSON is a model, and nothing else. They hold what is asked for whatever the face: a face
words errors and draws, and decides nothing. Nothing here approves, promotes or demotes.
"""
