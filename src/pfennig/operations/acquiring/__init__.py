"""The rail of each contract, and the contract's account there."""
