"""The pages of the simulated bank, wallets and identity providers. Twin only."""
