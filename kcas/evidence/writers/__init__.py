"""How a document becomes files: one module for each kind, each a function from a document to bytes."""
