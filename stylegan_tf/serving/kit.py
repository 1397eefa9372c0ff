"""Configuration of TensorFlow Serving and the platforms around it, as files beside a model.

They are templates, not written by a YAML library, for the comments that say how they are used.
"""

import json
import re
from pathlib import Path

from stylegan_tf.files import write_text
from stylegan_tf.serving import warmup

FOLDER = "kit"  # in the model's folder: servers look for numbers there, and pass over others
IMAGE = "tensorflow/serving"  # the tag is for who deploys to choose

MODELS = """model_config_list {{
  config {{
    name: "{model}"
    base_path: "{path}"
    model_platform: "tensorflow"
  }}
}}
"""
BATCHING = """max_batch_size {{ value: {largest} }}
batch_timeout_micros {{ value: 5000 }}
max_enqueued_batches {{ value: 64 }}
num_batch_threads {{ value: 2 }}
{allowed}
"""
MONITORING = """prometheus_config {
  enable: true
  path: "/metrics"
}
"""
DOCKERFILE = """# docker build -t {service} -f {kit}/Dockerfile .    (in the model's folder)
FROM {image}
COPY . {path}
CMD {flags}
"""
COMPOSE = """# docker compose -f {kit}/compose.yaml up    (in the model's folder)
services:
  {service}:
    image: {image}
    ports: ["8500:8500", "8501:8501"]
    volumes:
      - "..:{path}:ro"
    command: {flags}
"""
KSERVE = """# kubectl apply -f kserve.yaml    (once storageUri says where the model's folder is)
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: {service}
spec:
  predictor:
    model:
      modelFormat:
        name: tensorflow
      storageUri: pvc://models/{service}
      args: {kserve_flags}
"""


def write(dest, batch_sizes=(1, 2, 4, 8)) -> Path:
    """Writes the configuration of a server for a model, and manifests, into `dest/kit/`.

    Args:
        dest: path of the model, a folder of versions. Its name is the model's.
        batch_sizes: ints, those that the server pads batches to.

    Returns:
        The folder.

    Raises:
        ValueError: for a batch size below 1, or none, or a name that addresses cannot hold.
    """
    warmup.check(batch_sizes)
    if not batch_sizes:
        raise ValueError("batch_sizes is empty; give at least one")
    model = Path(dest).resolve().name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", model):
        raise ValueError(
            f"{dest}: a model's name goes into addresses; use letters, digits, - . and _ only"
        )
    folder = Path(dest) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(model, sorted(set(batch_sizes))).items():
        write_text(folder / name, text)
    return folder


def files(model: str, batch_sizes: list[int]) -> dict[str, str]:
    """Returns the text of each file by its name."""
    service = re.sub("[^a-z0-9]+", "-", model.lower()).strip("-")
    path = f"/models/{model}"
    flags = [f"--model_config_file={path}/{FOLDER}/models.config", *common_flags(path)]
    values = {
        "service": service,
        "kit": FOLDER,
        "image": IMAGE,
        "model": model,
        "path": path,
        "flags": json.dumps(flags),
        "kserve_flags": json.dumps(common_flags("/mnt/models")),  # where KServe puts a model
        "largest": batch_sizes[-1],
        "allowed": "\n".join(f"allowed_batch_sizes: {size}" for size in batch_sizes),
    }
    return {
        "models.config": MODELS.format(**values),
        "batching.config": BATCHING.format(**values),
        "monitoring.config": MONITORING,
        "Dockerfile": DOCKERFILE.format(**values),
        "compose.yaml": COMPOSE.format(**values),
        "kserve.yaml": KSERVE.format(**values),
        "vertex.json": json.dumps(vertex(model, service), indent=2) + "\n",
    }


def common_flags(path: str) -> list[str]:
    """Flags of tensorflow_model_server for a model in a folder."""
    return [
        "--enable_batching=true",
        f"--batching_parameters_file={path}/{FOLDER}/batching.config",
        f"--monitoring_config_file={path}/{FOLDER}/monitoring.config",
    ]


def vertex(model: str, service: str) -> dict:
    """Returns the body of Vertex AI's models:upload, for an image made with the Dockerfile."""
    return {
        "model": {
            "displayName": service,
            "containerSpec": {
                "imageUri": f"REGISTRY/{service}",
                "ports": [{"containerPort": 8501}],
                "predictRoute": f"/v1/models/{model}:predict",
                "healthRoute": f"/v1/models/{model}",
            },
        }
    }
