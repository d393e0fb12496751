"""Models: one small file each, behind one protocol; the registry knows which is asked for."""
