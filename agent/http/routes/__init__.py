"""What can be asked by HTTP: each route is one call of the service."""
