"""The waist: the TaskSpec schema, its identity and language, and the specs that ship."""
