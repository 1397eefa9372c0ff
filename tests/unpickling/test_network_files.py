"""Network pickles of PyTorch are data: their source is not run, and no number is taken on trust."""

import contextlib
import io
import struct
import tracemalloc
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import stylegan2_pickles as made
import torch_pickles
from stylegan_tf.importing import UnsupportedCheckpointError
from stylegan_tf.unpickling.network_files import NetworkReader, Persistent, arrays, read

pytestmark = pytest.mark.any_stack

ARRAY = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)


def of(value, protocol=4, classes=("Layer",)):
    return NetworkReader(set(), set(classes)).run(made.dumped(value, protocol))


def refusal(value, protocol=4) -> str:
    """Why a value is refused, be it in reading or in taking its arrays."""
    with pytest.raises(UnsupportedCheckpointError) as caught:
        arrays(of(value, protocol))
    assert len(str(caught.value)) < 500
    return str(caught.value)


def layer(*tensors, **attributes):
    return made.module("Layer", {str(i): one for i, one in enumerate(tensors)}, **attributes)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_an_object_is_its_name_and_its_state(protocol):
    inner = made.module("Layer", {"weight": made.parameter(ARRAY)}, {"w_avg": made.tensor(ARRAY)})
    result = of(made.module("Layer", modules={"fc": inner}, size=3, names={"x"}), protocol)
    assert isinstance(result, Persistent)
    assert (result.class_name, result.state["size"]) == ("Layer", 3)
    stored, elements = arrays(result)
    assert list(stored) == ["fc.weight", "fc.w_avg"]
    assert elements == 48
    for array in stored.values():
        np.testing.assert_array_equal(array, ARRAY, strict=True)


def test_the_source_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = "import os\nos.system('touch run')\nos.mkdir('run')"
    monkeypatch.setattr(made, "SOURCE", source)
    assert source in made.dumped(layer()).decode("latin-1")
    of(layer())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1), (3, 2, 1, 0)])
def test_tensors_are_read_by_their_strides(order):
    """(0, 2, 3, 1) is channels-last, as training in float16 leaves weights."""
    back = np.argsort(order)
    strided = np.ascontiguousarray(ARRAY.transpose(order)).transpose(back)
    stored, _ = arrays(of(layer(made.tensor(strided))))
    np.testing.assert_array_equal(stored["0"], ARRAY)


def zipped(array: np.ndarray) -> bytes:
    """Numbers in PyTorch's layout of today."""
    pushed = torch_pickles.storage("0", array.dtype.str, array.size)
    return torch_pickles.zipped(b"\x80\x02" + pushed + b".", {"0": array.tobytes()})


def test_numbers_in_a_zip_are_read_too():
    stored, _ = arrays(of(layer(made.tensor(ARRAY, zipped))))
    np.testing.assert_array_equal(stored["0"], ARRAY)


def test_what_is_not_there_is_left_out():
    assert arrays(of(made.module("Layer", {"bias": None}))) == ({}, 0)


def test_shared_numbers_count_once():
    shared = made.Call(made.LOAD, made.storage(ARRAY.ravel()))
    both = [
        made.Call(made.TENSOR, shared, 0, shape, (1,), False, OrderedDict())
        for shape in ((24,), (7,))
    ]
    stored, elements = arrays(of(layer(*both)))
    assert [len(array) for array in stored.values()] == [24, 7]
    assert elements == 24


FLAT = made.storage(ARRAY.ravel())


@pytest.mark.parametrize(
    ("offset", "size", "stride", "words"),
    [
        (0, (25,), (1,), "larger than its numbers"),
        (24, (1,), (1,), "larger than its numbers"),
        (0, (2, 3), (22, 2), "larger than its numbers"),
        (0, (2**30, 2**30), (0, 0), "larger than its numbers"),
        (0, (2**62,), (2**62,), "larger than its numbers"),
        (-1, (2,), (1,), "no layout"),
        (3, (2,), (-1,), "no layout"),
        (0, (2,), (1, 1), "no layout"),
        (0, 2, 1, "no layout"),
        (0, ("2",), (1,), "no layout"),
        (0, (1,) * 100, (1,) * 100, "no layout"),
        (None, (2,), (1,), "no layout"),
        (0, (1 << 10**6,), (1 << 10**6,), "no layout"),
    ],
)
def test_tensors_beyond_their_numbers(offset, size, stride, words):
    assert words in refusal(layer(made.raw_tensor(FLAT, offset, size, stride)))


def claiming(count: int, key: str = "0", length=None) -> bytes:
    """Numbers that say that they are many more."""
    big = b"\x8a\x08" + struct.pack("<q", count)
    kind = torch_pickles.known("torch", "FloatStorage")
    parts = [torch_pickles.text(one) for one in ("storage", key, "cpu")]
    pushed = torch_pickles.several(parts[0], kind, parts[1], parts[2], big, b"N") + b"Q"
    row = torch_pickles.in_a_row(b"\x80\x02" + pushed + b".", {"0": bytes(16)}, [4])
    return row[:-24] + struct.pack("<q", count if length is None else length) + row[-16:]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (claiming(2**40), "numbers of a tensor are damaged"),
        (claiming(2**62), "numbers of a tensor are damaged"),
        (claiming(-1), "numbers are missing"),
        (claiming(4, length=5), "numbers are missing"),
        (claiming(4, key="1"), "numbers of a tensor are damaged"),
        (FLAT[:-1], "numbers of a tensor are damaged"),
        (FLAT[:100], "numbers of a tensor are damaged"),
        (b"", "numbers of a tensor are damaged"),
        ("text", "the numbers of a tensor are no bytes"),
        (torch_pickles.in_a_row(b"\x80\x02}.", {}, []), "a tensor of no numbers"),
        (
            torch_pickles.in_a_row(b"\x80\x02cos\nsystem\n.", {}, []),
            "it names os.system",
        ),
        (
            torch_pickles.zipped(b"\x80\x02cos\nsystem\n.", {}),
            "it names os.system",
        ),
    ],
)
def test_numbers_that_are_not_there(data, words):
    tracemalloc.start()
    message = refusal(layer(made.raw_tensor(data, 0, (4,), (1,))))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert words in message
    assert most < 10**7


def bomb(compression=zipfile.ZIP_STORED, sharing: bool = False) -> bytes:
    """A zip of 4 MB of zeros that takes few bytes, or whose entries hold one another."""
    pushed = torch_pickles.storage("0", "<f4", 10**6)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("a/data.pkl", b"\x80\x02" + pushed + b".")
        archive.writestr("a/data/0", bytes(4 * 10**6 if not sharing else 10))
        if sharing:
            archive.filelist[-1].file_size = archive.filelist[-1].compress_size = 4 * 10**6
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bomb(zipfile.ZIP_DEFLATED), "it is compressed"),
        (bomb(sharing=True), "entries of its zip share bytes"),
    ],
)
def test_bombs_in_a_zip(data, words):
    assert len(data) < 10**4
    assert words in refusal(layer(made.raw_tensor(data, 0, (4,), (1,))))


def test_reading_the_same_numbers_again_and_again(tmp_path):
    """A call takes a few bytes, and work for all of the numbers."""
    numbers = made.storage(np.zeros(10**5, np.float32))
    value = [made.raw_tensor(numbers, 0, (1,), (1,)) for _ in range(1000)]
    path = tmp_path / "n.pkl"
    path.write_bytes(made.dumped(value))
    assert path.stat().st_size < 10**6
    with pytest.raises(UnsupportedCheckpointError, match="many times as much memory"):
        read(path, set(), set())


class Hostile:
    """Pickles as a call of a function."""

    def __reduce__(self):
        return eval, ("1",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Hostile(), "names builtins.eval"),
        (layer(hook=Hostile()), "names builtins.eval"),
        (made.Call(made.Name("torch", "load"), "x"), "names torch.load"),
        (made.Call(made.Name("torch._utils", "_rebuild_parameter_x"), "x"), "names torch._utils"),
        (made.module("Other"), "an object of the class 'Other'"),
        (layer(modules={"x": made.module("Other")}), "an object of the class 'Other'"),
        (made.module("Layer", version=7), "version 7, not 6"),
        (made.Call(made.RECONSTRUCT, {"type": "class", "version": 6}), "has no class"),
        (made.Call(made.RECONSTRUCT, "x"), "has no class"),
        (layer("text"), "a parameter that is no tensor"),
        (layer(_parameters=[]), "the _parameters of Layer are no dict"),
        (layer(_modules={"fc": 1}), "are not those of a network"),
        (layer(_modules={"x" * 100: 1}), "too many or have long names"),
        (layer(_buffers=dict.fromkeys(map(str, range(2000)))), "too many or have long names"),
    ],
)
def test_what_is_refused_by_name(value, words):
    assert words in refusal(value)


def test_numbers_outside_of_the_file():
    """Persistent ids, which name what another file holds."""
    data = b"\x80\x02" + torch_pickles.storage("0", "<f4", 4) + b"."
    with pytest.raises(UnsupportedCheckpointError, match="refers to numbers outside"):
        NetworkReader(set(), set()).run(data)


@pytest.mark.parametrize("data", torch_pickles.both({"w": ARRAY}))
def test_files_of_torch_save(data, tmp_path):
    path = tmp_path / "n.pkl"
    path.write_bytes(data)
    with pytest.raises(
        UnsupportedCheckpointError, match=r"n.pkl is refused: .* file of torch.save"
    ):
        read(path, set(), set())


def test_an_archive_of_torch_of_old(tmp_path):
    """Before PyTorch 0.1.10 it wrote a tar."""
    path = tmp_path / "n.pkl"
    path.write_bytes(b"sys_info".ljust(512, b"\0") + bytes(1024))
    with pytest.raises(UnsupportedCheckpointError, match=r"n.pkl is (damaged|refused)"):
        read(path, set(), set())


def test_modules_within_modules_without_end():
    assert "are not those of a network" in refusal_of_raw(deep(3000))


def deep(depth: int) -> bytes:
    """One module in the other, so often; instructions alone, as Python's pickler would not."""
    reconstruct = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n"
    head = b"(" + b"".join(
        torch_pickles.text(key) + value
        for key, value in (
            ("type", torch_pickles.text("class")),
            ("version", b"K\6"),
            ("class_name", torch_pickles.text("Layer")),
        )
    )
    before = b"}" + head + torch_pickles.text("state") + b"}" + torch_pickles.text("_modules")
    before += b"}" + torch_pickles.text("x")
    after = b"ss" + b"u\x85R"
    first = reconstruct + b"q\0" + before
    return b"\x80\x02" + first + (b"h\0" + before) * (depth - 1) + b"N" + after * depth + b"."


def refusal_of_raw(data: bytes) -> str:
    with pytest.raises(UnsupportedCheckpointError) as caught:
        arrays(NetworkReader(set(), {"Layer"}).run(data))
    return str(caught.value)


def doubled(depth: int = 60) -> bytes:
    """A tuple of itself twice, so often: of 2^60 parts, which hashing or writing would visit."""
    return b"K\1" + b"".join(
        b"q" + bytes([index]) + b"h" + bytes([index]) + b"\x86" for index in range(depth)
    )


ORDERED = torch_pickles.ORDERED
IDENTITY = b"(" + torch_pickles.text("storage") + torch_pickles.known("torch", "FloatStorage")
REST = torch_pickles.text("cpu") + b"K\0Nt"


@pytest.mark.parametrize(
    "instructions",
    [
        ORDERED + b"](" + doubled() + b"K\1\x86e\x85R",  # a key of an ordered dict
        b"\x8f(" + doubled() + b"\x90",  # an item of a set
        b"cbuiltins\nset\n](" + doubled() + b"e\x85R",
        b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n" + doubled() + b"\x85R",
        b"ctorch.storage\n_load_from_bytes\n" + doubled() + b"\x85R",
    ],
)
def test_what_is_far_larger_written_out(instructions):
    """Nothing hashes, compares or writes it: at most it is data that nobody needs."""
    with contextlib.suppress(UnsupportedCheckpointError):
        assert isinstance(NetworkReader(set(), set()).run(b"\x80\x02" + instructions + b"."), list)


@pytest.mark.parametrize(
    ("pickled", "keys"),
    [
        (IDENTITY + doubled() + REST + b"Q", b"]"),  # the key of numbers
        (IDENTITY + torch_pickles.text("0") + REST + b"Q", b"](" + doubled() + b"e"),
    ],
)
def test_numbers_whose_key_is_far_larger_written_out(pickled, keys):
    whole = torch_pickles.in_a_row(b"\x80\x02" + pickled + b".", {}, [])
    assert whole.endswith(b"\x80\x02](e.")
    data = whole.removesuffix(b"](e.") + keys + b"."
    assert "a key is no text" in refusal(layer(made.raw_tensor(data, 0, (1,), (1,))))


def test_a_module_that_holds_itself():
    result = of(layer())
    result.state["_modules"] = {str(index): result for index in range(900)}
    with pytest.raises(UnsupportedCheckpointError, match="are not those of a network"):
        arrays(result)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.999])
def test_a_file_cut_short(share, tmp_path):
    whole = made.dumped(made.snapshot())
    path = tmp_path / "n.pkl"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UnsupportedCheckpointError, match=r"n.pkl is (damaged|refused)"):
        read(path, set(), {"Generator"})
