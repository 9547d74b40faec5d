"""The browser that opens by itself: it comes in, and the way in stands in no list of processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import expect

from parts import STOICS, until

BROWSER = '#!/bin/sh\nprintf %s "$*" > "$0.part" && mv "$0.part" "$0.given"\n'


def test_the_browser_that_opens_comes_in_and_its_arguments_do_not_tell_how(tmp_path, page):
    program, home = tmp_path / "browser", tmp_path / "home"
    program.write_text(BROWSER)
    program.chmod(0o700)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMMAUS_")}
    environment |= {"EMMAUS_HOME": str(home), "EMMAUS_PACK": str(STOICS), "BROWSER": str(program)}
    command = [str(Path(sys.executable).parent / "emmaus"), "up", "--port", "0", "--no-jobs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        try:
            address, token = running.stdout.readline().split()[3].split("/?token=")
            until(Path(f"{program}.given").exists, 30)
            opened = Path(f"{program}.given").read_text()
            assert token not in opened
            file = Path(unquote(urlsplit(opened).path))
            assert (file.parent, file.stat().st_mode & 0o777) == (home, 0o600)
            page.goto(opened)
            page.wait_for_url(f"{address}/")
            expect(page.get_by_role("link", name="Desk")).to_be_visible()
        finally:
            running.send_signal(signal.SIGINT)
    assert not file.exists()
