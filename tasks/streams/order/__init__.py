"""Events in their order: by number or time, late ones, missing ones."""
