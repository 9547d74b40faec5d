#!/bin/sh
# See to it that the browser tests have a Chromium. Usage: scripts/browser.sh VENV_BIN
set -u
bin=$1
command -v chromium >/dev/null 2>&1 && exit 0
"$bin/python" -c '
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))
' 2>/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium for the browser tests"
    { apt-get -qq update && apt-get -qq install -y chromium; } >/dev/null && exit 0
fi
"$bin/playwright" install chromium && exit 0
echo "test: there is no Chromium for the browser tests: apt-get install chromium" >&2
exit 1
