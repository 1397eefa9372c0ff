# syntax=docker/dockerfile:1
# Serves an exported network over TensorFlow Serving's REST calls, to try things out.
#
#   stylegan-tf export runs/00000-photos-64-f-64 models/stylegan
#   docker build -t stylegan-tf-serve -f docker/serve.Dockerfile .
#   docker run --rm -p 8501:8501 -v "$PWD/models/stylegan:/models/stylegan:ro" stylegan-tf-serve
#
# For users, the official image serves the same folder with the same calls, and needs nothing of ours:
#
#   docker run --rm -p 8500:8500 -p 8501:8501 \
#     -v "$PWD/models/stylegan:/models/stylegan:ro" -e MODEL_NAME=stylegan tensorflow/serving
#
# `stylegan-tf export --kit` writes its configuration for batching and monitoring as well.

FROM python:3.11-slim-bookworm
# No compiler: an exported network has TensorFlow's own operations only.
RUN --mount=type=bind,target=/src,rw \
    pip install --no-cache-dir "/src[serving]"
RUN useradd --uid 1000 --create-home stylegan
USER 1000
EXPOSE 8501
HEALTHCHECK --start-period=5m \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/healthz')"]
ENTRYPOINT ["stylegan-tf", "serve", "/models/stylegan", "--host", "0.0.0.0"]
