"""Networks of photonic neurons, and their comparison with digital activations."""
