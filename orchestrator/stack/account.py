"""Who owns the data folder, and who runs a server that refuses to be root.

PostgreSQL does not start as root. Where `make run` is run by root, it runs as the data folder's owner, or as `nobody`
when that is root too. `nobody` cannot walk through root's home (mode 0700), neither to the data nor to the binaries:
what it cannot reach is kept under /var/lib/sojourn instead, without loosening anyone's folders.
"""

import hashlib
import os
import pwd
import shutil
import stat
from pathlib import Path

from orchestrator.stack.process import Account, StackProblem

SYSTEM_FOLDER = Path("/var/lib/sojourn")


def server_account(data_dir: Path) -> Account | None:
    """The account for servers that must not be root; None when we are not root and simply stay who we are."""
    if os.geteuid() != 0:
        return None
    owner = data_dir.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StackProblem(
            "PostgreSQL does not run as root, and there is no user `nobody` here: run as another user, "
            "or set SOJOURN_DATABASE_URL to a PostgreSQL of your own."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def make_data_dir(data_dir: Path) -> None:
    """Make the data folder, closed to others. Made by root inside a user's folder (sudo), it becomes that user's.

    `StackProblem` when it cannot be made or written. Root's folder stays passable, for servers that are not root.
    """
    try:
        if not data_dir.exists():
            data_dir.mkdir(parents=True)
            if os.geteuid() == 0:
                parent = data_dir.parent.stat()
                os.chown(data_dir, parent.st_uid, parent.st_gid)
        data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("run", "logs", "secrets", "media"):
            (data_dir / name).mkdir(mode=0o700, exist_ok=True)
            give_to_owner(data_dir / name, data_dir)
        (data_dir / "run" / ".writable").write_text("")
    except OSError as error:
        raise StackProblem(
            f"cannot write to {data_dir} ({error.strerror}): make it writable, "
            "or name another folder with SOJOURN_DATA_DIR."
        ) from None


def give_to_owner(path: Path, data_dir: Path) -> None:
    """Let a file that root made belong to the data folder's owner, so that a later run without sudo can use it."""
    if os.geteuid() == 0:
        owner = data_dir.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def private_folder(path: Path, account: Account | None) -> Path:
    """Make a private folder for a server of that account, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def can_reach(path: Path, account: Account) -> bool:
    """Whether the account may pass every folder above `path` and read and run it, by the mode bits alone."""
    path = path.resolve()
    return all(_allows(folder, account, stat.S_IXOTH) for folder in path.parents) and (
        not path.is_file() or _allows(path, account, stat.S_IROTH | stat.S_IXOTH)
    )


def _allows(path: Path, account: Account, bits: int) -> bool:
    """Whether the mode of `path` grants `bits` (written as for others) to the account."""
    info = path.stat()
    if info.st_uid == account.uid:
        bits <<= 6
    elif info.st_gid == account.gid:
        bits <<= 3
    return info.st_mode & bits == bits


def reachable_folder(path: Path, account: Account | None) -> Path:
    """`path` itself, or, where the account cannot get there, a folder standing in for it (with a link to it at `path`).

    The stand-in's name is random and known by the link alone: deleting the data folder forgets it, so that a new data
    folder in the same place never finds the old data.
    """
    if account is not None and path.is_symlink():
        return path.readlink()
    if account is None or can_reach(path, account):
        return path
    if path.exists():
        raise StackProblem(
            f"{path} is out of reach of the user that PostgreSQL runs as: "
            "open the folders above it (chmod o+x), or remove it to begin anew."
        )
    stand_in = system_folder() / f"data-{os.urandom(6).hex()}"
    stand_in.mkdir()
    path.symlink_to(stand_in)
    return stand_in


def reachable_copy(site: Path, names: tuple[str, ...], probe: str, version: str, account: Account | None) -> Path:
    """`site`, or a copy of the trees `names` in it, if the account cannot run the file `probe` where it is.

    Copied once for each version and place of origin; what only a compiler needs is left out.
    """
    if account is None or can_reach(site / probe, account):
        return site
    place = hashlib.sha256(str(site.resolve()).encode()).hexdigest()[:12]
    copy = system_folder() / f"binaries-{version}-{place}"
    if not copy.exists():
        scratch = copy.with_name(f"{copy.name}.{os.getpid()}")
        for name in names:
            if (site / name).is_dir():
                shutil.copytree(
                    site / name, scratch / name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a", "*.py*")
                )
        for path in (scratch, *scratch.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        try:
            scratch.rename(copy)
        except OSError:  # another run of ours was faster
            shutil.rmtree(scratch)
    return copy


def system_folder() -> Path:
    """The folder for what `nobody` has to reach; only root writes there."""
    try:
        SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise StackProblem(
            f"PostgreSQL does not run as root and cannot reach this folder as another user, and {SYSTEM_FOLDER} cannot "
            f"be made ({error.strerror}): move the clone out of root's home, or run as another user."
        ) from None
    return SYSTEM_FOLDER
