"""Times of any writing: clocks, dates, stamps, and the instants at which bars were complete."""
