"""Plans, subscriptions and their bills."""
