"""What commands do by default that functions do, too; read without TensorFlow."""

PSI, CUTOFF = 0.7, 8  # truncation ψ, and how many of the first layers it is for
CLASSIFIERS_KIMG = 100  # thousands of images that classifiers are trained with
