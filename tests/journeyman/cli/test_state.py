import os
import stat
from pathlib import Path

import pytest

from journeyman.cli.state import DataFolder
from journeyman.kit.errors import ConflictError, InvalidError


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "deep" / "data")
    with made.locked():
        made.prepare()
    return made


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_secret_and_keys_are_made_once_and_are_private(folder: DataFolder) -> None:
    secret, keys = folder.secret(), folder.keys({})
    assert len(secret) >= 32
    assert keys["admin"].startswith("jm_admin_")
    assert keys["ingest"].startswith("jm_ingest_")
    assert (folder.secret(), folder.keys({})) == (secret, keys)
    assert [mode(folder.path / name) for name in ("secret", "keys.json")] == [0o600, 0o600]
    assert mode(folder.path) == 0o700


def test_keys_of_the_environment_go_first_and_are_not_written_down(folder: DataFolder) -> None:
    keys = folder.keys({"JOURNEYMAN_ADMIN_KEY": "given"})
    assert keys["admin"] == "given"
    assert "given" not in folder.keys_file.read_text()


def test_a_folder_has_one_user_at_a_time(folder: DataFolder) -> None:
    other = DataFolder(folder.path)
    refused = pytest.raises(ConflictError, match=rf"in use by another `journeyman up` \(process {os.getpid()}\)")
    with folder.locked(), refused, other.locked():
        pass
    with other.locked():
        pass


def test_fresh_removes_all_state_and_nothing_else(folder: DataFolder) -> None:
    folder.secret()
    (folder.path / "journeyman.db").touch()
    (folder.path / "journeyman.db-wal").touch()
    (folder.path / "journeyman.db.wake").mkdir()
    (folder.path / "notes.txt").touch()
    folder.wipe()
    assert sorted(entry.name for entry in folder.path.iterdir()) == ["journeyman.folder", "lock", "notes.txt"]


def test_fresh_leaves_a_folder_alone_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of somebody else")
    with pytest.raises(InvalidError, match="was not made by `journeyman up`"):
        DataFolder(tmp_path).wipe()
    assert (tmp_path / "secret").exists()


def test_fresh_takes_a_folder_that_is_empty(tmp_path: Path) -> None:
    DataFolder(tmp_path).wipe()
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_no_folder_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidError, match="cannot be used as a folder"):
        DataFolder(tmp_path / "file" / "data").locked().__enter__()


def test_three_earlier_logs_are_kept(folder: DataFolder) -> None:
    for number in range(6):
        folder.open_log("api").write_text(str(number))
    assert [file.read_text() for file in sorted(folder.logs.iterdir())] == ["5", "4", "3", "2"]
