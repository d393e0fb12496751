"""Record: a finished run's rows in the warehouse, and its proposal at the gate."""
