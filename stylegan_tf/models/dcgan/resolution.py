"""The resolutions of a DCGAN: there is at least one convolution above 4×4."""

from stylegan_tf.models import sizes


def check_resolution(resolution: int) -> int:
    """Returns log2 of a power of two from 8 to 1024.

    Raises:
        ValueError: for any other.
    """
    if resolution == sizes.MIN_RESOLUTION:
        raise ValueError(f"resolution is {resolution}; a DCGAN begins at 4×4, and needs 8 or more")
    return sizes.log2_resolution(resolution)
