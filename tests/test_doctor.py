"""What doctor says of this machine, and of machines that lack things."""

import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from csi_train import doctor


def found(subject: str) -> doctor.Finding:
    return next(finding for finding in doctor.findings() if finding.subject == subject)


def test_every_finding_that_is_not_ok_has_advice() -> None:
    findings = doctor.findings()
    assert {"python", "trl", "torch", "memory", "disk", "gcc", "g++", "WANDB_API_KEY", "HF_TOKEN"} <= {
        finding.subject for finding in findings
    }
    assert all(bool(finding.advice) == (finding.state != "ok") for finding in findings)


def test_versions_are_those_installed() -> None:
    assert found("trl").found == importlib.metadata.version("trl")
    assert found("trl").state == "ok"


def test_another_version_is_noted_and_an_absent_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"trl": "0.9.0", "peft": None}
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: versions.get(name, real(name)))
    assert (found("trl").state, found("peft").state) == ("note", "missing")
    assert "==1.16.0" in found("trl").advice
    assert "trl 0.9.0 (tested 1.16.0)" in found("requirements/cpu.txt").advice


@pytest.mark.parametrize("tool", ["gcc", "g++"])
def test_a_missing_compiler(monkeypatch: pytest.MonkeyPatch, tool: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert found(tool).state == "missing"


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    assert (found("HF_TOKEN").found, found("WANDB_API_KEY").found) == ("set", "not set")
    doctor.show(doctor.findings())
    assert "verysecret" not in capsys.readouterr().out


def test_a_gpu_is_asked_of_nvidia_smi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 'NVIDIA H100, 81559 MiB, 550.1'\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert found("GPU").found == "NVIDIA H100, 81559 MiB, 550.1"
    smi.write_text("#!/bin/sh\nexit 9\n")
    assert found("GPU").state == "missing"


def test_doctor_imports_none_of_what_it_looks_at() -> None:
    script = "import sys; from csi_train import doctor; doctor.findings(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "False\n"
