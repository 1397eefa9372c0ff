# syntax=docker/dockerfile:1
# Trains on NVIDIA GPUs; runs go to the volume /runs.
#
#   docker build -t stylegan-tf-train -f docker/train.Dockerfile .
#   docker run --rm --gpus all --user "$(id -u)" --stop-timeout 300 \
#     -v "$PWD/photos-64:/data:ro" -v "$PWD/runs:/runs" \
#     stylegan-tf-train --data /data --strategy mirrored
#
# The host's driver must be 580 or newer, since the kernels are compiled for CUDA 13; with an older one,
# `-e STYLEGAN_TF_OPS=reference` does without them. `docker stop` ends the step and saves:
# `--resume latest` goes on.

FROM python:3.11-slim-bookworm AS build
# The compiler is that of the base image's release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /venv
ENV PATH="/venv/bin:$PATH"
RUN --mount=type=bind,target=/src,rw \
    pip install --no-cache-dir "/src[cuda]"
# The kernels for the TensorFlow that was installed; compiling needs no GPU, and nvcc stays here.
RUN pip install --no-cache-dir --target /nvcc \
        "nvidia-cuda-nvcc==13.0.*" "nvidia-nvvm==13.0.*" "nvidia-cuda-crt==13.0.*" \
        "nvidia-cuda-runtime==13.0.*" "nvidia-cuda-cccl==13.0.*" \
    && CUDA_HOME=/nvcc/nvidia/cu13 stylegan-tf ops build --cuda

FROM python:3.11-slim-bookworm
COPY --from=build /venv /venv
ENV PATH="/venv/bin:$PATH"
# Anybody may write runs: `--user` makes them belong to the user of the host.
RUN useradd --uid 1000 --create-home stylegan \
    && install -d -m 1777 /runs
USER 1000
VOLUME /runs
ENTRYPOINT ["stylegan-tf", "train", "--outdir", "/runs"]
CMD ["--strategy", "mirrored"]
