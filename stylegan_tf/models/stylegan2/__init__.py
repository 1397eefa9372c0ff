"""StyleGAN2 (Karras et al. 2020): mapping, synthesis, generator, discriminator."""
