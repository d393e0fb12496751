"""Runs beside each other: their figures in one table, their accounts in one plot."""
