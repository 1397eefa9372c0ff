"""DCGAN (Radford et al. 2015): transposed convolutions and batch normalization."""
