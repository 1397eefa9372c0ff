"""What a picture is drawn with where nothing else is asked for; read without TensorFlow."""

PSI, CUTOFF = 0.7, 8  # truncation ψ, and how many of the first layers it is for
