"""The benchmark runs and prints its table; no test asserts a speed."""

import re

import pytest

from op_cases import NO_COMPILED
from stylegan_tf.ops import benchmark, library


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(benchmark, "SHAPES", [(2, 6, 6, 16)])
    monkeypatch.setattr(benchmark, "GPU_SHAPES", [(2, 6, 6, 16)])
    monkeypatch.setattr(benchmark, "CONVOLUTIONS", [(2, 6, 6, 16)])
    monkeypatch.setattr(benchmark, "ROUNDS", 1)


@NO_COMPILED
def test_a_line_an_op_with_times_and_ratios(small):
    lines = []
    benchmark.run(lines.append)
    title, header, *rows = lines
    assert re.search(
        r"^compiled: .*\.so for (the CPU|CUDA devices); copying runs at \d+ GB/s", title
    )
    assert header.split()[:3] == ["ms", "plain", "fallback"]
    assert len(rows) == (9 if benchmark.on_gpu() else 10)
    for row in rows:
        ours, plain, fallback, ratio, *_ = map(float, re.findall(r" (\d+\.\d+)", row))
        assert ratio == pytest.approx(plain / ours, abs=0.06, rel=0.5)  # of times rounded to 10 µs
        assert fallback > 0


def test_without_compiled_ops_it_says_why(monkeypatch):
    monkeypatch.setattr(library, "load", lambda: library.Library(None, "reference: no compiler"))
    lines = []
    benchmark.run(lines.append)
    assert lines == ["reference: no compiler"]


def test_medians_leave_the_first_calls_out(monkeypatch):
    clock = iter([0, 100, 100, 200, 200, 201, 201, 203, 203, 208])
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(benchmark, "ROUNDS", 3)
    monkeypatch.setattr(benchmark, "GPU_CALLS", 1)
    assert benchmark.medians({"one": lambda: None}) == {"one": 2}
