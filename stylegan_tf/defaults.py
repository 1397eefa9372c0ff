"""What images are generated with by default; read without TensorFlow."""

PSI, CUTOFF = 0.7, 8  # truncation ψ, and how many of the first layers it is for
