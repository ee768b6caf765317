"""Files as stages leave them."""

import os

import pytest

from csi_train import records


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_files_may_be_read_by_whom_umask_lets_read(tmp_path, mask, mode):
    file = tmp_path / "model/model.safetensors"
    file.parent.mkdir()
    file.touch(0o600)
    before = os.umask(mask)
    try:
        records.readable(tmp_path)
        assert os.umask(mask) == mask, "umask is as it was"
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == mode


def test_a_file_that_others_may_run_stays_so(tmp_path):
    file = tmp_path / "script"
    file.touch()
    file.chmod(0o755)
    records.readable(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o755
