"""The tasks that models are trained for, one class and one file each."""
