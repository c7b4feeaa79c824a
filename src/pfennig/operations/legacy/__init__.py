"""The legacy endpoints, one for each method, and their repeated payments."""
