"""The parts that the reference host's storages need: what is on this machine, and what is missing."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec

from pdpp_host.compose import open_storage
from pdpp_host.plugins import PluginError, load_plugins
from pdpp_host.ports import StorageError
from pdpp_tck.subject import Part

IMAGE = "postgres:17-alpine"
_EXTRA = "run pip install 'pdpp-tck[postgres]'"


def sqlite() -> Part:
    """SQLite, by opening a database."""
    with tempfile.TemporaryDirectory(prefix="pdpp-tck-") as home:
        try:
            storage = open_storage(load_plugins(), f"sqlite:///{home}/host.db")
        except (PluginError, StorageError) as error:
            return Part("sqlite", False, str(error))
        storage.close()
    return Part(storage.name, True, f"version {storage.version}")


def docker() -> Part:
    """Docker, by asking whether it answers; nothing is started."""
    if find_spec("docker") is None:
        return Part("docker", False, f"its client is not installed; {_EXTRA}")
    # Imported here because nothing else in the kit's own runs on SQLite needs it.
    from docker import from_env
    from docker.errors import DockerException

    try:
        client = from_env(timeout=5)
        version = client.version()["Version"]
        client.close()
    except (DockerException, OSError) as error:
        return Part("docker", False, f"it does not answer ({str(error)[:120]}); start it")
    return Part("docker", True, f"version {version}")


def postgres(docker: Part) -> Part:
    """PostgreSQL: a server that is named, else one in a container."""
    if find_spec("psycopg") is None:
        return Part("postgres", False, f"the extra is not installed; {_EXTRA}")
    if os.environ.get("PDPP_POSTGRES_URL"):
        return Part("postgres", True, "on the server that PDPP_POSTGRES_URL names")
    image = os.environ.get("PDPP_POSTGRES_IMAGE", IMAGE)
    if docker.present:
        return Part("postgres", True, f"in a container of the image {image}")
    return Part("postgres", False, "start Docker, or name a server with PDPP_POSTGRES_URL")
