"""Files of PyTorch: tensors come back, and nothing that a file asks for beyond them is done."""

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import torch_pickles as made
from references import ask
from stylegan_tf.importing import UnsupportedCheckpointError
from stylegan_tf.unpickling.torch_files import read_tensors

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)
PLAIN = made.named({"w": made.contiguous("0", ARRAY)})
NUMBERS = {"0": ARRAY.tobytes()}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Reads the bytes of a file."""
    path = tmp_path_factory.mktemp("files") / "w.pth"

    def from_bytes(data: bytes):
        path.write_bytes(data)
        return read_tensors(path)

    return from_bytes


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1),
        st.sampled_from(list(made.KINDS)).flatmap(
            lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=4, max_side=4))
        ),
        max_size=3,
    )
)
def test_tensors_come_back_from_both_layouts(read, expected):
    for data in made.both(expected):
        result = read(data)
        assert list(result) == list(expected)
        for name, array in expected.items():
            np.testing.assert_array_equal(result[name], array, strict=True)


def test_views_share_numbers(read):
    """A transposed tensor and a part of another: both lie in one storage."""
    numbers = made.storage("0", "<f4", 6)
    pickled = made.named(
        {
            "transposed": made.tensor(numbers, (3, 2), (1, 3)),
            "part": made.tensor(numbers, (2,), (3,), offset=1),
            "again": made.contiguous("0", ARRAY),
        }
    )
    for data in (made.zipped(pickled, NUMBERS), made.in_a_row(pickled, NUMBERS, [4])):
        result = read(data)
        np.testing.assert_array_equal(result["transposed"], ARRAY.T)
        np.testing.assert_array_equal(result["part"], ARRAY[:, 1])
        np.testing.assert_array_equal(result["again"], ARRAY)


def old_parameter(of: bytes) -> bytes:
    """A parameter as PyTorch 0.1 wrote it: made empty, then filled with the variable's state."""
    parameter = made.known("torch.nn.parameter", "Parameter") + b")\x81"
    return parameter + made.several(of, b"N", made.call(made.ORDERED), b"\x88", b"\x89") + b"b"


@pytest.mark.parametrize("age", ["0.1", "0.4", "today"])
def test_parameters_are_their_tensors(read, age):
    of = made.contiguous("0", ARRAY)
    if age != "today":  # without gradient and hooks
        layout = made.several(*map(made.number, (2, 3))), made.several(*map(made.number, (3, 1)))
        rebuild = made.known("torch._utils", "_rebuild_tensor")
        of = made.call(rebuild, made.storage("0", "<f4", 6), made.number(0), *layout)
    if age == "0.1":
        of = old_parameter(of)
    else:
        rebuild = made.known("torch._utils", "_rebuild_parameter")
        of = made.call(rebuild, of, b"\x88", made.call(made.ORDERED))
    result = read(made.in_a_row(made.named({"w": of}), NUMBERS, [4]))
    np.testing.assert_array_equal(result["w"], ARRAY)


def test_ordered_dicts_of_python_2_are_lists_of_pairs(read):
    pair = b"](" + made.text("w") + made.contiguous("0", ARRAY) + b"e"
    pickled = b"\x80\x02" + made.call(made.ORDERED, b"](" + pair + b"e") + b"."
    result = read(made.in_a_row(pickled, NUMBERS, [4]))
    np.testing.assert_array_equal(result["w"], ARRAY)


def test_what_pytorch_writes_is_read(tmp_path):
    expected = ask("written", tmp_path)
    for name in ("zip.pth", "row.pth"):
        result = read_tensors(tmp_path / name)
        assert list(result) == list(expected)
        for key, array in expected.items():
            np.testing.assert_array_equal(result[key], array, strict=True)


def test_code_is_not_run(read, tmp_path):
    """`os.mkdir` would leave a folder."""
    calls = made.call(made.known("os", "mkdir"), made.text(str(tmp_path / "run")))
    for pickled in (made.named({"w": calls}), b"\x80\x02" + calls + b"."):
        for data in (made.zipped(pickled, {}), made.in_a_row(pickled, {}, [])):
            with pytest.raises(
                UnsupportedCheckpointError, match="w.pth is refused: it names os.mkdir"
            ):
                read(data)
    assert not (tmp_path / "run").exists()


WHOLE = made.storage("0", "<f4", 6)


@pytest.mark.parametrize(
    ("pushed", "reason"),
    [
        (made.tensor(WHOLE, (7,), (1,)), "larger than its numbers"),
        (made.tensor(WHOLE, (2, 3), (4, 1)), "larger than its numbers"),
        (made.tensor(WHOLE, (1,), (1,), offset=6), "larger than its numbers"),
        (made.tensor(WHOLE, (2**30, 2**30), (0, 0)), "larger than its numbers"),
        (made.tensor(WHOLE, (2,), (-1,), offset=3), "no layout"),
        (made.tensor(WHOLE, (2,), (1,), offset=-1), "no layout"),
        (made.tensor(WHOLE, (2, 3), (1,)), "no layout"),
        (made.tensor(made.text("0"), (2,), (1,)), "a tensor of no numbers"),
        (made.several(made.text("module"), made.text("0")) + b"Q", "damaged"),
        (made.several(*[made.text("module")] * 5) + b"Q", "refers to what are no numbers"),
        (made.tensor(made.storage("1", "<f4", 6), (6,), (1,)), "damaged"),
        (made.tensor(made.storage("0", "<f4", 7), (6,), (1,)), "damaged"),
        (b"Nb", "no state"),
    ],
)
def test_tensors_that_cannot_be_are_refused(read, pushed, reason):
    pickled = made.named({"w": pushed})
    for data in (made.zipped(pickled, NUMBERS), made.in_a_row(pickled, NUMBERS, [4])):
        with pytest.raises(UnsupportedCheckpointError, match=reason):
            read(data)


def compressed() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", PLAIN)
        archive.writestr("archive/data/0", NUMBERS["0"])
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged or not of PyTorch"),
        (b"<html>log in</html>", "damaged or not of PyTorch"),
        (made.VERSION * 2, "it is no file of PyTorch"),
        (made.in_a_row(PLAIN, NUMBERS, [4], little=False), "big-endian"),
        (made.in_a_row(PLAIN, NUMBERS, [8]), "numbers are missing"),
        (made.zipped(PLAIN, NUMBERS, byteorder=b"big"), "big-endian"),
        (made.zipped(PLAIN, NUMBERS, **{"2/data.pkl": PLAIN}), "it holds no tensors"),
        (made.zipped(PLAIN, {}), "damaged or not of PyTorch"),
        (made.zipped(b"\x80\x02K\x07.", {}), "no tensors with names"),
        (compressed(), "it is compressed"),
    ],
)
def test_other_files_are_refused(read, data, reason):
    with pytest.raises(UnsupportedCheckpointError, match=f"w.pth is .*{reason}"):
        read(data)


@given(st.data())
def test_damage_is_refused_or_does_not_matter(read, data):
    """Whatever is cut off or changed: an `UnsupportedCheckpointError`, or arrays."""
    whole = data.draw(st.sampled_from(made.both({"w": ARRAY, "v": np.zeros(3, np.int64)})))
    for _ in range(20):
        place = data.draw(st.integers(0, len(whole) - 1))
        value = struct.pack("B", data.draw(st.integers(0, 255)))
        for damaged in (whole[:place], whole[:place] + value + whole[place + 1 :]):
            try:
                result = read(damaged)
            except UnsupportedCheckpointError:
                continue
            assert all(isinstance(one, np.ndarray) for one in result.values())
