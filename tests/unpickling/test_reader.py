"""The reader of pickles builds data, and nothing that a file asks for beyond it."""

import collections
import contextlib
import os
import pickle
import pickletools
import struct
import tempfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nvidia_pickles as made
from stylegan_tf.importing import UnsupportedCheckpointError
from stylegan_tf.unpickling.arrays import array_of
from stylegan_tf.unpickling.reader import Reader, Record, read

pytestmark = pytest.mark.any_stack


def value_of(value, protocol=4):
    return Reader(set()).run(pickle.dumps(value, protocol))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(), inner)
        | st.tuples(inner)
        | st.tuples(inner, inner, inner, inner)
    ),
)


@given(plain, st.integers(2, 5))
def test_plain_values_come_back(value, protocol):
    assert value_of(value, protocol) == value


@given(
    st.integers(2, 5), st.sampled_from(["f4", "f8", "f2", "i4", "u1", "?", ">f4"]), st.booleans()
)
def test_arrays_come_back(protocol, code, column_major):
    array = np.arange(6).reshape(2, 3).astype(code)
    array = np.asfortranarray(array) if column_major else array
    result = array_of(value_of(array, protocol))
    np.testing.assert_array_equal(result, array)
    assert result.dtype == array.dtype


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_is_shared_is_shared(protocol):
    inner = ["x"]
    first, second = value_of([inner, inner], protocol)
    assert first is second


def test_a_dict_of_theirs_is_a_dict():
    """dnnlib's EasyDict, in which old files keep arguments."""
    kind = made.make_class("dnnlib.util.EasyDict", (dict,))
    assert Reader(set()).run(pickle.dumps(kind(a=1))) == {"a": 1}


def test_an_object_is_its_state():
    kind = made.make_class("some.Thing")
    thing = kind()
    thing.size = 3
    result = Reader({"some.Thing"}).run(pickle.dumps(thing))
    assert isinstance(result, Record)
    assert result.state == {"size": 3}


class Calls:
    """Pickles as a call of anything with anything."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


HOSTILE = {
    "os.system": (Calls(os.system, "echo owned > owned"), f"names {os.system.__module__}.system"),
    "eval": (Calls(eval, "open('owned', 'w')"), "names builtins.eval"),
    "getattr": (Calls(getattr, "", "join"), "names builtins.getattr"),
    "other numpy": (Calls(np.zeros, (10**6,)), "which a network does not need"),
    "collections": (collections.OrderedDict(a=1), "names collections.OrderedDict"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("protocol", [2, 4])
def test_calls_are_refused_by_name(name, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hostile, words = HOSTILE[name]
    path = tmp_path / "n.pkl"
    path.write_bytes(pickle.dumps(hostile, protocol))
    with pytest.raises(UnsupportedCheckpointError, match="n.pkl is refused: ") as caught:
        read(path, set())
    words = words.replace("builtins", "__builtin__") if protocol == 2 else words
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def array_pickle(shape, data: bytes) -> bytes:
    """An array of a shape that need not fit its bytes."""
    built = pickle.dumps(np.zeros(4, np.uint8), 4)
    stream = [op for op in pickletools.genops(built) if op[0].name == "BININT1" and op[1] == 4]
    assert stream  # the shape (4,)
    position = stream[0][2]
    large = pickle.BININT + struct.pack("<i", shape)
    cut = built[:position] + large + built[position + 2 :]
    return _without_frames(cut)


def _without_frames(data: bytes) -> bytes:
    """Frames hold lengths, which a changed pickle no longer has."""
    start = data.index(pickle.FRAME)
    return data[:start] + data[start + 9 :]


def test_a_shape_larger_than_its_bytes():
    """Memory is only what the file itself holds."""
    with pytest.raises(
        UnsupportedCheckpointError, match=r"4 bytes are no array of shape \(2000000000,\)"
    ):
        Reader(set()).run(array_pickle(2_000_000_000, b""))


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",  # BINBYTES8 of a terabyte
        b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"x.",  # BYTEARRAY8
        b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"x.",  # LONG4
    ],
)
def test_lengths_beyond_the_end(bomb, tmp_path):
    (tmp_path / "n.pkl").write_bytes(bomb)
    with pytest.raises(UnsupportedCheckpointError, match="damaged or no pickle"):
        read(tmp_path / "n.pkl", set())


LARGE = 10**6


def copying(*instructions: bytes) -> bytes:
    """A text of a million characters, and the same few instructions on it a thousand times."""
    text = pickle.BINUNICODE + struct.pack("<I", LARGE) + bytes(LARGE) + pickle.BINPUT + b"\0"
    return b"\x80\x02" + text + b"".join(instructions) * 1000 + b"."


ENCODED = (b"c_codecs\nencode\n", b"h\0", b"X\6\0\0\0latin1", b"\x86R")
DTYPE = b"cnumpy\ndtype\nX\2\0\0\0u1K\0K\1\x87R"
ARRAY = (
    b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85X\1\0\0\0b\x87R",
    b"(K\1J" + struct.pack("<i", LARGE) + b"\x85" + DTYPE + b"\x89h\0tb",
)


@pytest.mark.parametrize("instructions", [ENCODED, ARRAY])
def test_copies_of_the_same_again_and_again(instructions, tmp_path):
    """Of 1 MB they would make 1 GB, of 100 MB a hundred; a few copies are what files need."""
    (tmp_path / "n.pkl").write_bytes(copying(*instructions))
    tracemalloc.start()
    with pytest.raises(UnsupportedCheckpointError, match="many times as much memory"):
        read(tmp_path / "n.pkl", set())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * LARGE
    assert Reader(set()).run(b"\x80\x02X\1\0\0\0x" + b"q\0" + b"".join(ENCODED) + b".") == b"x"


def nested(depth=60) -> bytes:
    """A tuple of itself twice, so often: of 2^60 parts, in 300 bytes."""
    doubled = b"".join(
        b"q" + bytes([index]) + b"h" + bytes([index]) + b"\x86" for index in range(depth)
    )
    return b"K\1" + doubled


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04" + nested() + b"X\1\0\0\0x\x93.",  # as the module of a name
        b"\x80\x02cnumpy\ndtype\n" + nested() + b"\x85R.",  # as a type
        b"\x80\x02cdnnlib.EasyDict\n](" + nested() + b"K\1\x86e\x85R.",  # as a key, hashed
        b"\x80\x02}" + nested() + b"K\1s.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n" + nested() + b"0)R.",
    ],
)
def test_what_is_far_larger_written_out(data, tmp_path):
    """Nothing writes, hashes or counts it."""
    (tmp_path / "n.pkl").write_bytes(data)
    with pytest.raises(UnsupportedCheckpointError, match="n.pkl is (damaged|refused)") as caught:
        read(tmp_path / "n.pkl", set())
    assert len(str(caught.value)) < 500


def test_arrays_of_objects():
    with pytest.raises(UnsupportedCheckpointError, match="which are no numbers"):
        value_of(np.array([object], dtype=object), 2)


@pytest.fixture(scope="module")
def whole():
    return made.dumped(made.triple())


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.9999])
def test_a_file_cut_short(share, whole, tmp_path):
    path = tmp_path / "n.pkl"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UnsupportedCheckpointError, match="n.pkl is (damaged|refused)"):
        read(path, {"dnnlib.tflib.network.Network"})


@given(st.binary(max_size=200))
def test_any_bytes_are_data_or_refused(data):
    attempt(data)


@given(st.data())
def test_a_changed_file_is_data_or_refused(data):
    original = pickle.dumps(
        [np.arange(3.0), {"a": (1, "b")}, Calls(dict)], data.draw(st.integers(2, 5))
    )
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    attempt(bytes(changed))


def attempt(data: bytes) -> None:
    """Reads bytes; nothing but UnsupportedCheckpointError may come out."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with contextlib.suppress(UnsupportedCheckpointError):
            read(file.name, set())
