"""Messages about packages that are missing or of another version."""

import pytest

from stylegan_tf import requirements

METADATA = """Metadata-Version: 2.1
Name: {}
Version: {}
Requires-Dist: probe-b>=2
Requires-Dist: probe-old<1; python_version < "3"
Requires-Dist: probe-c[fast]; extra == "more"
Requires-Dist: probe-gone>=1; extra == "more"
Provides-Extra: more
"""
FAST = """Metadata-Version: 2.1
Name: probe-c
Version: 1.0
Requires-Dist: probe-lost; extra == "fast"
Requires-Dist: probe-other; extra == "slow"
Provides-Extra: fast
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Makes packages that hold nothing but their metadata."""
    monkeypatch.syspath_prepend(tmp_path)

    def use(name, version, text=METADATA):
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(text.format(name, version))

    use("probe-a", "1.0")
    return use


def test_this_environment_has_what_the_package_needs():
    assert requirements.problems() == []


def test_the_extras_are_those_of_setup_py():
    assert {"addons", "cuda", "test"} <= set(requirements.extras())


def test_what_is_missing_is_named(install):
    assert requirements.problems(name="probe-a") == ["probe-b is missing"]


@pytest.mark.parametrize(
    ("version", "problems"), [("2.0", []), ("3.0rc1", []), ("1.5", ["probe-b is 1.5, not >=2"])]
)
def test_versions_are_compared(install, version, problems):
    install("probe-b", version)
    assert requirements.problems(name="probe-a") == problems


def test_an_extra_has_what_it_adds_and_the_extras_of_what_it_adds(install):
    install("probe-c", "1.0", FAST)
    assert requirements.problems("more", "probe-a") == [
        "probe-lost is missing",
        "probe-gone is missing",
    ]
