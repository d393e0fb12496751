"""Series brought to a common scale by what is already known of them."""
