"""GAN (Goodfellow et al. 2014): two multilayer perceptrons."""
