"""`python train.py …` is `stylegan-tf train …`."""

import sys

from stylegan_tf.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
