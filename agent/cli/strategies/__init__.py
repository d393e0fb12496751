"""Commands about strategies at paper and live: their accounts, their signals."""
