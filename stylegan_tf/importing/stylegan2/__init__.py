"""StyleGAN2 as the published code of TensorFlow and of PyTorch stores it."""
