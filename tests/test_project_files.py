"""The files around the code: they are readable, and say the same as each other and as the code."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

import installing
import setup_script
import stylegan_tf

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEMPLATES = ROOT / ".github/ISSUE_TEMPLATE"
FORMS = [TEMPLATES / f"{name}.yml" for name in ("bug", "question", "feature")]
YAML = [ROOT / "CITATION.cff", ROOT / ".pre-commit-config.yaml", TEMPLATES / "config.yml"]
YAML += [*WORKFLOWS, *FORMS]
DOCKERFILES = sorted((ROOT / "docker").glob("*.Dockerfile"))
GATE = (ROOT / ".ci/run").read_text(encoding="utf-8")
PYTHONS = [f"3.{minor}" for minor in range(8, 14)]  # those that there are

pytestmark = pytest.mark.any_stack


@pytest.fixture
def given(monkeypatch):
    """What setup.py gives to setuptools where no repository is known."""
    return setup_script.arguments(monkeypatch)


def load(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_it_is_a_yaml_table(path):
    assert isinstance(load(path), dict)


class TestCitation:
    """By the fields that the Citation File Format 1.2.0 asks for."""

    @pytest.fixture
    def citation(self):
        return load(ROOT / "CITATION.cff")

    def test_it_has_what_is_required(self, citation):
        assert citation["cff-version"] == "1.2.0"
        assert {"message", "title", "authors"} <= citation.keys()

    def test_so_have_the_papers(self, citation):
        for paper in citation["references"]:
            assert {"type", "title", "authors"} <= paper.keys()
            assert all({"family-names", "given-names"} == set(one) for one in paper["authors"])
            assert {"doi", "url"} & paper.keys()

    def test_the_version_is_the_same_everywhere(self, citation, given):
        assert citation["version"] == given.version == stylegan_tf.__version__

    def test_so_is_the_licence(self, citation, given):
        assert citation["license"] == given.license == "Apache-2.0"
        assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


class TestChangelog:
    """By the rules of Keep a Changelog."""

    @pytest.fixture
    def headings(self):
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        return re.findall(r"^(##+) (.+)$", text, re.M)

    def test_versions_have_a_date_and_come_after_what_is_not_released(self, headings):
        versions = [text for level, text in headings if level == "##"]
        assert re.fullmatch(r"\[?Unreleased\]?", versions[0])
        for version in versions[1:]:
            assert re.fullmatch(r"\[?\d+\.\d+\.\d+\]? - \d{4}-\d{2}-\d{2}", version)

    def test_changes_are_of_the_six_kinds(self, headings):
        kinds = {text for level, text in headings if level == "###"}
        assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


class TestMetadata:
    """What setup.py tells a package index."""

    def test_the_classifiers_list_the_pythons(self, given):
        listed = re.findall(r"Python :: (3\.\d+)", "\n".join(given.classifiers))
        allowed = SpecifierSet(given.python_requires)
        assert listed == [python for python in PYTHONS if python in allowed]

    def test_every_licence_file_is_there(self, given):
        assert all((ROOT / name).is_file() for name in given.license_files)

    def test_links_are_left_alone_where_no_repository_is_known(self, given):
        assert given.long_description == (ROOT / "README.md").read_text(encoding="utf-8")
        assert given.project_urls == {}

    def test_links_lead_to_the_repository_where_it_is_known(self, monkeypatch):
        given = setup_script.arguments(monkeypatch, "someone/some-fork")
        address = "https://github.com/someone/some-fork"
        assert given.project_urls["Source"] == address
        images = re.findall(r"!\[[^]]*\]\(([^)]+)\)", given.long_description)
        docs = re.findall(r"\]\(([^)]+\.md)\b[^)]*\)", given.long_description)
        assert images and docs
        here = [link for link in images + docs if "://" not in link]
        assert here == []
        made = re.findall(rf"{address}/(raw|blob)/v([\d.]+)/([^)\s\"#]+)", given.long_description)
        for kind, version, path in made:
            assert version == given.version
            assert (ROOT / path).is_file()
            assert kind == ("raw" if path.startswith("docs/images/") else "blob")

    def test_a_source_distribution_has_all_that_git_has(self):
        """By the commands of MANIFEST.in, and what setup.py packs anyway."""
        files = git_files()
        packed = {Path(name) for name in ("setup.py", "pyproject.toml", "LICENSE", "MANIFEST.in")}
        packed |= {path for path in files if path.parts[0] in ("stylegan_tf", "ops", "datasets")}
        for line in (ROOT / "MANIFEST.in").read_text(encoding="utf-8").splitlines():
            command, pattern, *_ = line.split()
            if command == "graft":
                packed |= {path for path in files if path.parts[0] == pattern}
            elif command == "include":
                packed |= {path for path in files if len(path.parts) == 1 and path.match(pattern)}
        assert set(files) - packed == {Path(".gitignore")}


def git_files() -> list[Path]:
    """The files of the repository; skips where this is none, as in a source distribution."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git repository")
    return [Path(name) for name in done.stdout.split("\0") if name]


class TestLinters:
    """One version of each, whoever runs it."""

    @pytest.fixture
    def hooks(self):
        (repository,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
        return {hook["id"]: hook for hook in repository["hooks"]}

    @pytest.mark.parametrize(
        ("hook", "tool"), [("ruff", "ruff"), ("ruff-format", "ruff"), ("mypy", "mypy")]
    )
    def test_pre_commit_has_the_version_of_the_gate(self, hooks, hook, tool):
        (version,) = re.findall(rf'"({tool}==[^"]+)"', GATE)
        assert version in hooks[hook]["additional_dependencies"]

    def test_types_are_checked_by_the_same_command(self, hooks):
        assert hooks["mypy"]["entry"].removeprefix("python ") in GATE

    def test_types_are_checked_beside_the_same_packages(self, hooks):
        (line,) = re.findall(r'"ruff==.*', GATE)
        beside = {name for name in line.split() if "==" not in name}
        assert set(hooks["mypy"]["additional_dependencies"]) - beside == {"mypy==2.*"}
        assert beside <= set(hooks["mypy"]["additional_dependencies"])


class TestWorkflows:
    def test_the_public_one_runs_the_gate(self):
        assert ".ci/run" in [step.get("run") for step in steps(ROOT / ".github/workflows/ci.yml")]

    def test_it_runs_on_supported_pythons(self, given):
        matrix = load(ROOT / ".github/workflows/ci.yml")["jobs"]["gate"]["strategy"]["matrix"]
        allowed = SpecifierSet(given.python_requires)
        assert all(python in allowed and python in PYTHONS for python in matrix["python"])

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
    def test_actions_are_pinned_by_their_major_version(self, path):
        used = [step["uses"] for step in steps(path) if "uses" in step]
        assert used
        assert all(re.fullmatch(r"[\w-]+/[\w-]+@(release/)?v\d+", action) for action in used)

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
    def test_they_may_read_and_no_more(self, path):
        workflow = load(path)
        assert workflow["permissions"] == {"contents": "read"}
        writing = {name for name, job in workflow["jobs"].items() if "permissions" in job}
        assert writing <= {"publish"}

    def test_a_release_is_published_by_trust_and_after_its_tests(self):
        jobs = load(ROOT / ".github/workflows/release.yml")["jobs"]
        publish = jobs["publish"]
        assert publish["permissions"] == {"id-token": "write"}
        assert set(publish["needs"]) == jobs.keys() - {"publish"}
        assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()

    def test_a_release_tests_both_stacks_with_extras_that_there_are(self, given):
        tested = load(ROOT / ".github/workflows/release.yml")["jobs"]["test"]["strategy"]["matrix"]
        extras = [set(one["extras"].split(",")) for one in tested["include"]]
        assert {"addons", "test"} in extras and {"test"} in extras
        assert set.union(*extras) <= given.extras_require.keys()

    def test_its_tests_are_there(self):
        text = (ROOT / ".github/workflows/release.yml").read_text()
        (command,) = re.findall(r"pytest .*", text)
        paths = [word for word in command.split() if word.startswith("tests/")]
        assert paths and all(list(ROOT.glob(path)) for path in paths)


class TestForms:
    def test_a_bug_comes_with_the_doctors_report(self):
        fields = {field.get("id"): field for field in load(TEMPLATES / "bug.yml")["body"]}
        assert "stylegan-tf doctor" in fields["doctor"]["attributes"]["label"]
        assert fields["doctor"]["validations"] == {"required": True}

    @pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
    def test_it_is_what_github_asks_for(self, path):
        form = load(path)
        assert form["name"] and form["description"] and form["body"]
        ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
        assert len(set(ids)) == len(ids)
        for field in form["body"]:
            assert field["type"] in {"markdown", "textarea", "input", "checkboxes", "dropdown"}
            assert field["attributes"]["value" if field["type"] == "markdown" else "label"]


class TestDocker:
    def test_a_build_sees_what_an_installation_needs(self):
        lines = (ROOT / ".dockerignore").read_text().splitlines()
        assert lines[1] == "*"
        assert {line[1:] for line in lines if line.startswith("!")} == set(installing.PARTS)

    @pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
    def test_it_installs_extras_that_there_are(self, path, given):
        (extras,) = re.findall(r'"/src\[(.+)\]"', path.read_text())
        assert set(extras.split(",")) <= given.extras_require.keys()

    @pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
    def test_nothing_runs_as_root(self, path):
        last = re.split(r"^FROM ", path.read_text(), flags=re.M)[-1]
        (user,) = re.findall(r"^USER (\S+)$", last, re.M)
        assert int(user) > 0
        assert last.index("\nUSER ") < last.index("\nENTRYPOINT ")


MARKDOWN = [*ROOT.glob("*.md"), ROOT / "docs/docker.md", *(ROOT / ".github").glob("*.md")]


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_what_is_linked_to_is_there(path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    own = [link for link in links if "://" not in link and link != "../../security/advisories/new"]
    assert [link for link in own if not (path.parent / link).exists()] == []
