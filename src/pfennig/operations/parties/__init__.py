"""Who sells, who buys, and who calls."""
