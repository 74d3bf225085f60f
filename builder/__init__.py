"""The applications: the command line, the documents and their commands, and the editor window."""
