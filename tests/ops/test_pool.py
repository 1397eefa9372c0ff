"""What a task of the kernels' pool throws, in whichever thread, is the op's error."""

import shutil
from pathlib import Path

import pytest
import tensorflow as tf

from stylegan_tf.machine import cores
from stylegan_tf.ops import build

KERNEL = Path(__file__).parents[1] / "support" / "failing_kernel.cc"
NOWHERE, CALLER, HELPER = range(3)
BAD_ALLOC, ERROR, NUMBER = range(3)
SMALL, LARGE = 1, 1 << 20  # elements of work: for the caller alone, for the whole pool

pytestmark = pytest.mark.skipif(not shutil.which("c++"), reason="no C++ compiler")


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """An op that runs 100 tasks in the pool and returns how many there were."""
    folder = tmp_path_factory.mktemp("kernels")
    for source in (KERNEL, *build.KERNELS.glob("*.h"), *map(build.KERNELS.joinpath, SOURCES)):
        shutil.copy(source, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "KERNELS", folder)
        patch.setattr(build, "FLAGS", [*build.FLAGS, "-O0"])
        module = tf.load_op_library(str(build.build_cpu(folder)))

    def run(where=NOWHERE, what=BAD_ALLOC, elements=LARGE):
        return float(module.stylegan_failing(x=0.0, where=where, what=what, elements=elements))

    return run


SOURCES = ("pool.cc", "framework.cc", "xla.cc")


@pytest.mark.parametrize("elements", [SMALL, LARGE])
@pytest.mark.parametrize("where", [CALLER, HELPER])
def test_the_op_fails_and_the_pool_runs_again(where, elements, failing):
    if where == HELPER and (elements == SMALL or cores() == 1):
        pytest.skip("the caller works alone")
    for _ in range(20):
        with pytest.raises(tf.errors.ResourceExhaustedError, match="out of memory"):
            failing(where, elements=elements)
        assert failing(elements=elements) == 100


@pytest.mark.parametrize(
    ("what", "message"), [(ERROR, "the reason"), (NUMBER, "an exception of an unknown type")]
)
def test_other_exceptions_are_internal_errors(what, message, failing):
    with pytest.raises(tf.errors.InternalError, match=message):
        failing(CALLER, what)
