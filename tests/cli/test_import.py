"""`stylegan-tf import`."""

import nvidia_pickles as made
import published
import stylegan2_pickles
import stylegan_tf as sg
from command_line import refused
from stylegan2_weights import assert_has
from stylegan_tf.cli import main


def test_a_pickle_becomes_a_keras_file(tmp_path, capsys):
    (tmp_path / "n.pkl").write_bytes(made.dumped(made.triple()))
    dest = tmp_path / "networks" / "n.keras"
    main(["import", str(tmp_path / "n.pkl"), str(dest)])
    out = capsys.readouterr().out
    count = len(published.variables("stylegan8", "G/vars/"))
    assert f"Gs  8×8×3, architecture F: {count} variables matched, none missing" in out
    assert "CC BY-NC 4.0" in out
    loaded = sg.load(dest).get_weights()
    for ours, weight in zip(loaded, sg.load(tmp_path / "n.pkl").get_weights(), strict=True):
        assert (ours == weight).all()


def test_a_pickle_of_stylegan2_becomes_a_keras_file(tmp_path, capsys):
    (tmp_path / "n.pkl").write_bytes(stylegan2_pickles.dumped(stylegan2_pickles.snapshot()))
    main(["import", str(tmp_path / "n.pkl"), str(tmp_path / "n.keras")])
    out = capsys.readouterr().out
    count = len(stylegan2_pickles.generator_arrays())
    assert f"Gs  8×8×3, architecture STYLEGAN2: {count} variables matched, none missing" in out
    assert "licence of its StyleGAN2 code" in out
    assert_has(sg.load(tmp_path / "n.keras"), stylegan2_pickles.generator_arrays(seed=2))


def test_a_hostile_file_leaves_nothing(tmp_path, capsys):
    (tmp_path / "n.pkl").write_bytes(b"cos\nsystem\n(S'echo owned'\ntR.")
    line = refused(capsys, "import", tmp_path / "n.pkl", tmp_path / "n.keras")
    assert "names os.system, which a network does not need" in line
    assert [path.name for path in tmp_path.iterdir()] == ["n.pkl"]


def test_another_suffix(tmp_path, capsys):
    (tmp_path / "n.pkl").touch()
    assert "n.h5 must end in .keras" in refused(
        capsys, "import", tmp_path / "n.pkl", tmp_path / "n.h5"
    )
