"""The README is true: its programs run, its commands are those of the checks."""

import re
import warnings
from pathlib import Path

import pytest

from photonic.errors import OutsideValidityWarning

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = re.findall(r"```\n(.*?)```", README, flags=re.DOTALL)


def test_there_are_five_programs():
    assert len(PROGRAMS) == 5


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs_run(number, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideValidityWarning)  # one shows a self-pulsing ring
        exec(compile(PROGRAMS[number], f"README program {number + 1}", "exec"), {})
    assert capsys.readouterr().out


def test_the_checks_run_the_two_commands_word_for_word():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    unix = [line for block in COMMANDS for line in block.splitlines() if ".venv/bin/" in line]
    assert len(unix) == 2
    for line in unix:
        assert line in script


def test_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
