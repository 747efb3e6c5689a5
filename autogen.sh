#!/bin/sh
# autogen.sh - makes ./configure from a git checkout (and says how to switch the commit hook on)
set -e
cd "$(dirname "$0")"
autoreconf --install --warnings=all,no-portability
if [ -e .git ] && [ -z "$(git config core.hooksPath)" ]; then
	echo "to lint before each commit: git config core.hooksPath .githooks"
fi
