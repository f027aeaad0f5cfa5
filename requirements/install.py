"""Make `.venv` from the hashed locks. Needs nothing but a Python; does nothing when up to date.

Written in old syntax on purpose: a Python that is too old has to be able to read this file, to say so.
`uv` is used when it happens to be on the PATH, because it is fast; `SOJOURN_NO_UV=1` leaves it out.
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".installed")
LOCK = os.path.join(ROOT, "requirements", "dev.lock")
CANVAS = os.path.join(ROOT, "web", "canvas", "build.py")
NO_VENV = (
    "This Python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv; "
    "elsewhere install a full Python 3.11+ (or uv) and run make again, or name one: make PYTHON=/path/to/python3."
)


def stop(line):
    """End with one clear line: whoever reads it has only just cloned this."""
    sys.stderr.write("sojourn: " + line + "\n")
    sys.exit(2)


def base():
    """What the environment itself was made from; a change means to make it anew."""
    return "{} {} {}".format(sys.version.split()[0], sys.base_prefix, ROOT)


def fingerprint():
    """What was installed into it; a change means to install again, in place, because others may be running from it."""
    digest = hashlib.sha256()
    for path in (LOCK, os.path.join(ROOT, "pyproject.toml")):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp():
    """The two lines above as the last complete run left them; empty ones when there was none."""
    if not (os.path.exists(STAMP) and os.path.exists(VENV_PYTHON)):
        return "", ""
    with open(STAMP) as file:
        made_from, _, installed = file.read().partition("\n")
    return made_from, installed


def works(command):
    """Run one of several possible ways; its output matters only when none of them works."""
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def has_pip():
    """True when the environment can install into itself."""
    return works([VENV_PYTHON, "-m", "pip", "--version"])


def usable_installer(uv):
    """The command that installs into an environment that is there already."""
    if uv:
        return [uv, "pip"]
    return [VENV_PYTHON, "-m", "pip"] if has_pip() else [sys.executable, "-m", "pip", "--python", VENV_PYTHON]


def make_environment(uv):
    """Make an empty `.venv`, and return the command that installs into it.

    Debian leaves `ensurepip` out of its Python, so the plain way can fail there; virtualenv or a system pip will do.
    """
    shutil.rmtree(VENV, ignore_errors=True)
    if uv and works([uv, "venv", "--quiet", "--python", sys.executable, VENV]):
        return [uv, "pip"]
    if works([sys.executable, "-m", "venv", VENV]) and has_pip():
        return [VENV_PYTHON, "-m", "pip"]
    shutil.rmtree(VENV, ignore_errors=True)
    if works([sys.executable, "-m", "virtualenv", "--quiet", VENV]) and has_pip():
        return [VENV_PYTHON, "-m", "pip"]
    shutil.rmtree(VENV, ignore_errors=True)
    if works([sys.executable, "-m", "venv", "--without-pip", VENV]):
        system_pip = [sys.executable, "-m", "pip", "--python", VENV_PYTHON]
        if works(system_pip + ["--version"]):
            return system_pip
    shutil.rmtree(VENV, ignore_errors=True)
    return stop(NO_VENV)


def install(installer):
    """Install exactly the lock, each file checked against its hash, and then this project in place."""
    environment = dict(os.environ, VIRTUAL_ENV=VENV, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    environment.pop("PIP_USER", None)
    locked = ["install", "--quiet", "--require-hashes", "-r", LOCK]
    project = ["install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT]
    for step in (locked, project):
        if subprocess.call(installer + step, env=environment, cwd=ROOT) != 0:
            stop("installing failed (above); check the network or the package index, and run make again.")


def build_canvas():
    """Build the front end, where its sources changed. A tool of the lock does it: no Node is needed on the machine."""
    if subprocess.call([VENV_PYTHON, CANVAS], cwd=ROOT) != 0:
        stop("building the canvas failed (above); check the network or the package index, and run make again.")


def main():
    """Bring `.venv` in line with the lock, and the built front end with its sources."""
    if sys.version_info < OLDEST:
        stop(
            "Python 3.11 or newer is needed; {} is {}.{}. Install a newer one, or name it: "
            "make PYTHON=/path/to/python3".format(sys.executable, sys.version_info[0], sys.version_info[1])
        )
    made_from, installed = stamp()
    if (made_from, installed) == (base(), fingerprint()):
        build_canvas()
        return
    if not os.access(ROOT, os.W_OK):
        stop("cannot write to " + ROOT + "; clone into a folder of your own.")
    uv = None if os.environ.get("SOJOURN_NO_UV") else shutil.which("uv")
    print("sojourn: installing requirements/dev.lock into .venv (about a minute the first time)")
    sys.stdout.flush()
    install(usable_installer(uv) if made_from == base() else make_environment(uv))
    with open(STAMP, "w") as file:
        file.write(base() + "\n" + fingerprint())
    build_canvas()


if __name__ == "__main__":
    main()
