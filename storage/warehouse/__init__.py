"""The warehouse: rows that are asked for in SQL, ClickHouse's dialect everywhere."""
