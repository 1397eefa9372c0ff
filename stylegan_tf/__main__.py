"""`python -m stylegan_tf` runs the `stylegan-tf` command."""

from stylegan_tf.cli import main

if __name__ == "__main__":
    main()
