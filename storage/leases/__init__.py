"""Leases: one process at a time computes a thing, and whoever dies is followed at once."""

from storage.leases.folder import FolderLeases
from storage.leases.objects import ObjectLeases
from storage.leases.port import Leases

__all__ = ["FolderLeases", "Leases", "ObjectLeases"]
