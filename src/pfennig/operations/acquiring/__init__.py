"""Which rail serves which contract, and who the contract is there."""
