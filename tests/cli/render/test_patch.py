"""A patch is what GNU patch and git apply take."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.cli.render.patch import render_patch

LINES = st.lists(st.sampled_from([b"a", b"b\r", b"", b"\xc3\xa9\xe2\x80\xa8", b"\xff", b"\x0c"]))


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize("end", [b"", b"\n"])
@given(old=LINES, new=LINES)
def test_git_applies_a_patch(
    end: bytes, old: list[bytes], new: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("patch")
    before, after = b"x\n" + b"\n".join(old) + end, b"x\n" + b"\n".join(new)
    (folder / "x.trig").write_bytes(before)
    patch = render_patch({"x.trig": (before, after)}).encode(errors="surrogateescape")
    assert bool(patch) == (before != after)
    if patch:
        command = ["git", "apply", "--whitespace=nowarn", "-"]
        subprocess.run(command, cwd=folder, input=patch, check=True)
    assert (folder / "x.trig").read_bytes() == after


def test_patch_is_a_unified_diff() -> None:
    change = b"a\nb\nc", b"a\nB\nc\n"
    assert render_patch({"graph/x.trig": change}) == (
        "--- a/graph/x.trig\n+++ b/graph/x.trig\n@@ -1,3 +1,3 @@\n a\n-b\n-c\n"
        "\\ No newline at end of file\n+B\n+c\n"
    )
