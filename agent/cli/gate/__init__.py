"""`qraft gate`: how a person decides; nothing that is asked of a model gets here."""
