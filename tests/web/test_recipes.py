"""The recipes of ``kaiju serve --recipe``, which their servers read if these are installed."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from kaiju_graph.errors import UsageError
from kaiju_graph.web.recipes import RECIPES, Place, write
from tests.repository import ROOT
from tests.web.conftest import MOST, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

SPACE = "https://w3id.org/kaiju/"
BASES = ("https://example.org", "http://example.org:8081/a/film", "https://[::1]:8443/x")


def recipe(name: str, base: str, host: str = "127.0.0.1", seconds: float = 60) -> str:
    return write(name, Place(base, host, 8080, seconds), lambda: SPACE)


def test_w3id_redirects_every_path_of_the_namespace() -> None:
    text = recipe("w3id", "https://example.org/film")
    assert "kaiju/.htaccess" in text
    (rule,) = re.findall("^RewriteRule (.*)$", text, re.MULTILINE)
    assert rule == "^(.*)$ https://example.org/film/$1 [R=303,L]"
    with pytest.raises(UsageError, match=r"expected one below https://w3id\.org/"):
        write("w3id", Place(BASES[0], "127.0.0.1", 8080, 60), lambda: "https://example.org/")


@pytest.mark.parametrize(
    ("base", "location", "upstream"),
    [
        ("https://example.org", "/", "http://127.0.0.1:8080"),
        ("https://example.org/a/film", "/a/film/", "http://127.0.0.1:8080/"),
    ],
)
def test_nginx_passes_the_path_after_the_base(base: str, location: str, upstream: str) -> None:
    text = recipe("nginx", base, "0.0.0.0")  # noqa: S104 (the recipe reaches it by loopback)
    assert f"    location {location} {{\n        proxy_pass {upstream};\n" in text
    assert "server_name example.org;" in text
    assert "proxy_read_timeout 90s;" in text
    assert "certbot --nginx -d example.org" in text
    assert "proxy_read_timeout 86400s;" in recipe("nginx", base, seconds=0)


def test_caddy_strips_the_path_of_the_base() -> None:
    text = recipe("caddy", "https://example.org/a/film", "::")
    assert "\nhttps://example.org {\n" in text
    assert "    handle_path /a/film/* {\n        reverse_proxy [::1]:8080 {\n" in text


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize(
    "base", ["https://a;b/", "https://a.org/x;}", "https://a.org/$1", "https://a.org/x%20y"]
)
def test_base_that_a_configuration_reads_otherwise_is_refused(name: str, base: str) -> None:
    with pytest.raises(UsageError, match=r"^--base: found .*; expected a host and path of"):
        recipe(name, base)


@pytest.mark.slow
def test_command_prints_a_recipe(kaiju: Command) -> None:
    done = kaiju("serve", "--recipe", "w3id", "--base", "https://example.org/film/")
    assert (done.returncode, done.stdout) == (0, recipe("w3id", "https://example.org/film"))
    done = kaiju("serve", "--recipe", "nginx")
    assert done.returncode == 2
    assert done.stderr == "kaiju: error: --recipe nginx: found no --base; expected it, too\n"


def nginx_configuration(folder: Path, text: str) -> list[str]:
    """Write a configuration with a recipe, and return the command of nginx with it."""
    program = shutil.which("nginx")
    if not program:
        pytest.skip("nginx is not installed")
    (folder / "recipe.conf").write_text(text)
    temporary = "".join(
        f"    {kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nevents {{ }}\n"
        f"http {{\n{temporary}    access_log off;\n    include recipe.conf;\n}}\n"
    )
    return [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", "nginx.conf"]


@pytest.mark.slow
@pytest.mark.parametrize("base", BASES)
def test_nginx_reads_its_recipe(base: str, tmp_path: Path) -> None:
    command = nginx_configuration(tmp_path, recipe("nginx", base))
    done = subprocess.run([*command, "-t"], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_nginx_leads_to_the_server(tmp_path: Path) -> None:
    front, port = free_port(), free_port()
    base = f"http://127.0.0.1:{front}/a/film"
    text = write("nginx", Place(base, "127.0.0.1", port, 60), lambda: SPACE)
    text = text.replace("    listen [::]", "    # listen [::]")  # not every machine has it
    command = nginx_configuration(tmp_path, text)
    process = subprocess.Popen([*command, "-g", "daemon off; master_process off;"])
    try:
        options = ("--port", str(port), "--base", base)
        with serving(ROOT, tmp_path / "log", *options) as running:
            assert running.port == front
            found = running.request("/a/film/id/gamera", headers={"Accept": "text/turtle"})
            assert (found.status, found.headers["location"]) == (303, "/a/film/data/id/gamera.ttl")
            turtle = running.request(found.headers["location"])
            assert turtle.status == 200
            assert "id:gamera a " in turtle.text
            ask = running.request(f"/a/film/sparql?query={quote('ASK { ?s ?p ?o }')}")
            assert ask.json["boolean"] is True
            page = running.request("/a/film/", headers={"Accept": "text/html"})
            assert f'<link rel="canonical" href="{base}/index.html">' in page.text
    finally:
        process.terminate()
        process.wait(MOST)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("base", BASES)
def test_caddy_reads_its_recipe(base: str, tmp_path: Path) -> None:
    program = shutil.which("caddy")
    if not program:
        pytest.skip("Caddy is not installed")
    (tmp_path / "Caddyfile").write_text(recipe("caddy", base))
    command = [program, "validate", "--adapter", "caddyfile", "--config", "Caddyfile"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
