"""Examples of well-known architectures, compared with their reference implementations."""
