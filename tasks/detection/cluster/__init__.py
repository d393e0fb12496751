"""Cluster change: the groups that bars fall into are no longer what they were."""
