"""`python train.py …` is `stylegan-tf train …`."""

import sys
from pathlib import Path

# Only what pip installed has the folders `ops` and `datasets`, which lie beside the package here.
sys.path[:] = [one for one in sys.path if Path(one).resolve() != Path(__file__).resolve().parent]

try:
    from stylegan_tf.cli import main
except ModuleNotFoundError as error:
    if error.name != "stylegan_tf":
        raise
    print("train.py: stylegan_tf is not installed here: pip install -e .", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
