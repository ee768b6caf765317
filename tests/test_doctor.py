"""What doctor says of this machine, and of machines that lack things."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csi_train import doctor

Look = Callable[[], Iterator[doctor.Finding]]


def found(look: Look, subject: str) -> doctor.Finding:
    return next(finding for finding in look() if finding.subject == subject)


def test_every_finding_that_is_not_ok_has_advice() -> None:
    findings = doctor.findings()
    assert {"python", "trl", "torch", "memory", "disk", "gcc", "g++", "WANDB_API_KEY", "HF_TOKEN"} <= {
        finding.subject for finding in findings
    }
    assert all(bool(finding.advice) == (finding.state != "ok") for finding in findings)


def test_versions_are_those_installed() -> None:
    assert found(doctor.packages, "trl").found == importlib.metadata.version("trl")
    assert found(doctor.packages, "trl").state == "ok"


def test_another_version_is_noted_and_an_absent_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"trl": "0.9.0", "peft": None}
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: versions.get(name, real(name)))
    assert (found(doctor.packages, "trl").state, found(doctor.packages, "peft").state) == ("note", "missing")
    assert "==1.16.0" in found(doctor.packages, "trl").advice
    assert "trl 0.9.0 (tested 1.16.0)" in found(doctor.lock, "requirements/cpu.txt").advice


@pytest.mark.parametrize("tool", ["gcc", "g++"])
def test_a_missing_compiler(monkeypatch: pytest.MonkeyPatch, tool: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert found(doctor.tools, tool).state == "missing"


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    assert (found(doctor.keys, "HF_TOKEN").found, found(doctor.keys, "WANDB_API_KEY").found) == ("set", "not set")
    doctor.show(list(doctor.keys()))
    assert "verysecret" not in capsys.readouterr().out


def test_a_gpu_is_asked_of_nvidia_smi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 'NVIDIA H100, 81559 MiB, 550.1'\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert found(doctor.devices, "GPU").found == "NVIDIA H100, 81559 MiB, 550.1"
    smi.write_text("#!/bin/sh\nexit 9\n")
    assert found(doctor.devices, "GPU").state == "missing"


def test_a_gpu_build_without_a_gpu_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.31.0" if name == "vllm" else real(name))
    assert found(doctor.devices, "GPU").state == "missing"


def test_no_room_and_no_leave_to_write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert [finding.state for finding in doctor.disk()] == ["ok", "ok"]
    full = shutil.disk_usage(tmp_path)._replace(free=2**30)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert [finding.state for finding in doctor.disk()] == ["missing", "missing"]


def test_libraries_that_do_not_fit_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "IMPORTS", {"generation": "json", "training": "torchless"})
    (tmp_path / "torchless.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert found(doctor.imports, "generation").state == "ok"
    assert found(doctor.imports, "training").state == "missing"
    assert "RuntimeError: operator torchvision::nms does not exist" in found(doctor.imports, "training").advice


def test_doctor_itself_imports_none_of_what_it_looks_at() -> None:
    script = """
import sys
from csi_train import doctor
for look in doctor.LOOKS:
    list(look())
print("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "False\n"
