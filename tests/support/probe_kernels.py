"""Kernels that compile in no time: one op without inputs, registered as the real ones are."""

from pathlib import Path

SOURCE = """
extern "C" {
struct TF_Status;
struct TF_OpDefinitionBuilder;
TF_Status* TF_NewStatus();
TF_OpDefinitionBuilder* TF_NewOpDefinitionBuilder(const char*);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder*, const char*);
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder*, TF_Status*);
}
extern "C" __attribute__((visibility("default"))) const char* stylegan_tf_xla_obstacle() {
  return "the probe has none";
}
static const int registered = [] {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder("NAME");
  TF_OpDefinitionBuilderAddOutput(builder, "y: float");
  TF_RegisterOpDefinition(builder, TF_NewStatus());
  return 0;
}();
"""


def write(folder: Path, name: str = "StyleganProbe") -> Path:
    """Makes the folder of kernels that register an op of a name, which a process can have once."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "probe.cc").write_text(SOURCE.replace("NAME", name))
    return folder


def compiler(folder: Path, script: str) -> Path:
    """A program in the place of a compiler that runs a shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "c++"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


# Fails after so much output that its beginning must be left out.
FAILING = 'i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo "line $i" >&2; done; exit 3'
