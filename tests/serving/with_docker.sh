#!/usr/bin/env bash
# Not run so far: it needs Docker and TensorFlow Serving's image, which CI does not have.
#
# Serves an exported model by the real server and compares one picture with `stylegan-tf generate`.
# usage: tests/serving/with_docker.sh SRC    (a run directory or a .keras file without labels)
set -euo pipefail
source=$1
work=$(mktemp -d)
trap 'docker rm --force stylegan-test >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

stylegan-tf export "$source" "$work/stylegan" --kit
stylegan-tf generate "$source" --seeds 1 --outdir "$work/expected"
docker run --detach --name stylegan-test --publish 8501:8501 \
  --volume "$work/stylegan:/models/stylegan:ro" tensorflow/serving \
  --model_config_file=/models/stylegan/kit/models.config \
  --enable_batching=true --batching_parameters_file=/models/stylegan/kit/batching.config \
  --monitoring_config_file=/models/stylegan/kit/monitoring.config
address=http://localhost:8501/v1/models/stylegan
curl --silent --retry 60 --retry-delay 1 --retry-all-errors "$address"
curl --silent --fail "$address:predict" \
  --data '{"instances": [{"seed": 1, "psi": 0.7}]}' >"$work/answer.json"
python - "$work" <<'PYTHON'
import base64, io, json, sys
from pathlib import Path

import numpy as np
from PIL import Image

work = Path(sys.argv[1])
(answer,) = json.loads((work / "answer.json").read_text())["predictions"]
data = answer["b64"]  # a signature with one output is answered without its name
served = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))), int)
expected = np.asarray(Image.open(work / "expected" / "seed0001.png"), int)
assert np.abs(served - expected).max() <= 1, "the server's picture is another one"
print("ok: the server's picture is that of stylegan-tf generate")
PYTHON
