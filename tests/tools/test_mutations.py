"""The table of faults: each fits the code of today, so that trying it tells something."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("mutations", ROOT / "tools" / "mutations.py")
mutations = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mutations)
every_fault = pytest.mark.parametrize("fault", mutations.FAULTS, ids=lambda fault: fault.why)


@pytest.fixture(scope="module")
def texts():
    return mutations.sources(ROOT)


@every_fault
def test_the_text_of_a_fault_stands_once_and_the_other_can_take_its_place(fault, texts):
    path = mutations.find(texts, fault.old)
    changed = texts[path].replace(fault.old, fault.new)
    assert fault.old != fault.new
    if path.suffix == ".py":
        compile(changed, str(path), "exec")


@every_fault
def test_the_tests_of_a_fault_are_there(fault):
    files = [ROOT / "tests" / name for name in fault.tests.split()]
    assert files
    assert [path for path in files if not path.is_file()] == []


def test_faults_are_told_apart_by_their_descriptions():
    descriptions = [fault.why for fault in mutations.FAULTS]
    assert len(set(descriptions)) == len(descriptions)


@pytest.mark.parametrize(
    ("first", "second", "places"),
    [("x", "x", "nowhere"), ("y", "y", "a.py, b.cc"), ("yy", "x", "a.py")],
)
def test_a_text_that_does_not_stand_once_is_an_error(first, second, places):
    with pytest.raises(LookupError, match=f"it stands in {places}$"):
        mutations.find({Path("a.py"): first, Path("b.cc"): second}, "y")
