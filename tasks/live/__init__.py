"""Strategies at paper or live: followed after each run, published, and accounted for."""
