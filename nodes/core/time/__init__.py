"""Static analysis of time: which steps of the inputs an element depends on."""
