"""Make `.venv` from the hashed locks. Needs nothing but a Python; does nothing when up to date.

    python requirements/install.py [run|dev]

`run` installs what `make run` needs, `dev` (the default) the tools of the checks and tests too. An environment that has
the tools keeps them.

uv installs, because it takes seconds where pip takes minutes: the one on the PATH, or the one that pip brings for this,
pinned and hashed in installer.lock. Where it cannot be had, pip installs. `SOJOURN_NO_UV=1` leaves uv out.

Written in old syntax on purpose: a Python that is too old has to be able to read this file, to say so.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".installed")
REQUIREMENTS = os.path.join(ROOT, "requirements")
SETS = ("run", "dev")  # each holds all of the one before it
INSTALLER_LOCK = os.path.join(REQUIREMENTS, "installer.lock")
UV_FOLDER = os.path.join(VENV, "uv")
CANVAS = os.path.join(ROOT, "web", "canvas", "build.py")
NO_VENV = (
    "This Python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv; "
    "elsewhere install a full Python 3.11+ (or uv) and run make again, or name one: make PYTHON=/path/to/python3."
)
CHECK_NETWORK = "failed (above); check the network or the package index, and run make again."
CHECK_CERTIFICATE = (
    "failed (above), because a certificate is not trusted: this network seems to have one of its own. "
    "Name the file that holds it (PEM) in SSL_CERT_FILE and run make again: SSL_CERT_FILE=/path/to/company.pem make run"
)
UNTRUSTED = re.compile(r"certificate|UnknownIssuer|UNABLE_TO_GET_ISSUER|SELF_SIGNED|self.signed", re.IGNORECASE)


def stop(line):
    """End with one clear line: whoever reads it has only just cloned this."""
    sys.stderr.write("sojourn: " + line + "\n")
    sys.exit(2)


def certificates(environment):
    """The environment with the certificates that it names for one tool named for all of them: pip, uv, npm and Node.

    Where it names none, all of them trust what the system trusts, as pip does already.
    """
    names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE")
    found = [environment[name] for name in names if environment.get(name)]
    passed_on = dict(environment)
    for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
        if found and not passed_on.get(name):
            passed_on[name] = found[0]
    for name in ("NODE_USE_SYSTEM_CA", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS"):
        passed_on.setdefault(name, "1")
    return passed_on


def surroundings():
    """The environment of everything that is called here."""
    environment = certificates(os.environ)
    environment.update(VIRTUAL_ENV=VENV, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    environment.pop("PIP_USER", None)
    return environment


def base():
    """What the environment itself was made from; a change means to make it anew."""
    return "{} {} {}".format(sys.version.split()[0], sys.base_prefix, ROOT)


def lock_of(chosen):
    """The lock of one of the sets."""
    return os.path.join(REQUIREMENTS, chosen + ".lock")


def fingerprint(chosen):
    """What was installed into it; a change means to install again, in place, because others may be running from it."""
    digest = hashlib.sha256()
    for path in (lock_of(chosen), os.path.join(ROOT, "pyproject.toml")):
        with open(path, "rb") as file:
            digest.update(file.read())
    return chosen + " " + digest.hexdigest()


def stamp():
    """The two lines above as the last complete run left them; empty ones when there was none."""
    if not (os.path.exists(STAMP) and os.path.exists(VENV_PYTHON)):
        return "", ""
    with open(STAMP) as file:
        made_from, _, installed = file.read().partition("\n")
    return made_from, installed


def works(command):
    """Run one of several possible ways; its output matters only when none of them works."""
    try:
        return (
            subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=surroundings(), cwd=ROOT)
            == 0
        )
    except OSError:
        return False


def do(what, command):
    """Run the one way there is; its words are shown when it fails, with what can be done about it."""
    process = subprocess.Popen(
        command, env=surroundings(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    )
    words = b""
    with process.stdout:
        for part in iter(lambda: process.stdout.read(65536), b""):  # unbuffered: what is there, at once
            words += part
            os.write(2, part)
    if process.wait() != 0:
        untrusted = UNTRUSTED.search(words.decode("utf-8", "replace"))
        stop(what + " " + (CHECK_CERTIFICATE if untrusted else CHECK_NETWORK))


def has_pip(python):
    """True when it can install."""
    return works([python, "-m", "pip", "--version"])


def find_uv():
    """The command `uv`: from the PATH, as brought before, or brought now; None where it is unwanted or unavailable."""
    if os.environ.get("SOJOURN_NO_UV"):
        return None
    own = os.path.join(UV_FOLDER, "bin", "uv")
    for found in (shutil.which("uv"), own):
        if found and works([found, "--version"]):
            return found
    for python in (VENV_PYTHON, sys.executable):
        if os.path.exists(python) and has_pip(python):
            scratch = tempfile.mkdtemp()
            brought = os.path.join(scratch, "bin", "uv")
            bring = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
            bring += ["--target", scratch, "--require-hashes", "-r", INSTALLER_LOCK]
            if works(bring) and works([brought, "--version"]):
                return brought
            shutil.rmtree(scratch, ignore_errors=True)
    return None


def keep_uv(uv):
    """Keep an uv that was brought in the environment, for the next time."""
    scratch = os.path.dirname(os.path.dirname(uv))
    if not scratch.startswith(tempfile.gettempdir() + os.sep):
        return uv
    shutil.rmtree(UV_FOLDER, ignore_errors=True)
    shutil.move(scratch, UV_FOLDER)
    return os.path.join(UV_FOLDER, "bin", "uv")


def make_environment(uv):
    """Make an empty `.venv`, and return the command that installs into it: uv's, or pip's.

    Debian leaves `ensurepip` out of its Python, so the plain way can fail there; virtualenv or a system pip will do.
    """
    shutil.rmtree(VENV, ignore_errors=True)
    if uv and works([uv, "venv", "--quiet", "--python", sys.executable, VENV]):
        return [keep_uv(uv), "pip"]
    if works([sys.executable, "-m", "venv", VENV]) and has_pip(VENV_PYTHON):
        return installer_inside()
    shutil.rmtree(VENV, ignore_errors=True)
    if works([sys.executable, "-m", "virtualenv", "--quiet", VENV]) and has_pip(VENV_PYTHON):
        return installer_inside()
    shutil.rmtree(VENV, ignore_errors=True)
    if works([sys.executable, "-m", "venv", "--without-pip", VENV]):
        system_pip = [sys.executable, "-m", "pip", "--python", VENV_PYTHON]
        if works(system_pip + ["--version"]):
            return system_pip
    shutil.rmtree(VENV, ignore_errors=True)
    return stop(NO_VENV)


def installer_inside():
    """The command that installs into an environment that is there already."""
    uv = find_uv()
    if uv:
        return [keep_uv(uv), "pip"]
    if has_pip(VENV_PYTHON):
        return [VENV_PYTHON, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", VENV_PYTHON]


def install(installer, lock):
    """Install exactly the lock, each file checked against its hash, and then this project in place."""
    by_uv = os.path.basename(installer[0]) == "uv"
    # Compiled once, here: whoever may not write into the environment, or is told not to, would do it at every start.
    sync = ["sync", "--quiet", "--compile-bytecode", "--require-hashes", lock]
    locked = sync if by_uv else ["install", "--require-hashes", "-r", lock]
    project = ["install", "--no-deps", "--no-build-isolation", "-e", ROOT]
    for step in (locked, project):
        do("installing", installer + step + ["--quiet"] * ("--quiet" not in step))


def build_canvas():
    """Build the front end, where its sources changed. A tool of the lock does it: no Node is needed on the machine."""
    do("building the canvas", [VENV_PYTHON, CANVAS])


def up_to_date(wanted, made_from, installed):
    """Whether the environment has all that is wanted, or more."""
    enough = SETS[SETS.index(wanted) :]
    return made_from == base() and installed in [fingerprint(chosen) for chosen in enough]


def main(arguments):
    """Bring `.venv` in line with the lock, and the built front end with its sources."""
    if sys.version_info < OLDEST:
        stop(
            "Python 3.11 or newer is needed; {} is {}.{}. Install a newer one, or name it: "
            "make PYTHON=/path/to/python3".format(sys.executable, sys.version_info[0], sys.version_info[1])
        )
    wanted = arguments[0] if arguments else "dev"
    made_from, installed = stamp()
    if up_to_date(wanted, made_from, installed):
        build_canvas()
        return
    if not os.access(ROOT, os.W_OK):
        stop("cannot write to " + ROOT + "; clone into a folder of your own.")
    if made_from == base() and not installed.startswith("run "):
        wanted = "dev"  # it has the tools: they stay
    print("sojourn: installing requirements/{}.lock into .venv (about a minute the first time)".format(wanted))
    sys.stdout.flush()
    install(installer_inside() if made_from == base() else make_environment(find_uv()), lock_of(wanted))
    with open(STAMP, "w") as file:
        file.write(base() + "\n" + fingerprint(wanted))
    build_canvas()


if __name__ == "__main__":
    main(sys.argv[1:])
