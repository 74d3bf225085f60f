"""How a person says it: the command line, the documents and the window."""
