#!/bin/sh
# Install what the tests of the window need, where that can be done without asking.
set -eu
missing=
command -v Xvfb >/dev/null || missing="$missing xvfb"
command -v xdotool >/dev/null || missing="$missing xdotool"
ldconfig -p 2>/dev/null | grep -q 'libGL\.so\.1' || missing="$missing libgl1 libgl1-mesa-dri"
[ -n "$missing" ] || exit 0

root=
[ "$(id -u)" = 0 ] || root="sudo -n"
if [ "$(uname)" = Linux ] && command -v apt-get >/dev/null && $root true 2>/dev/null; then
    $root apt-get update -q
    # shellcheck disable=SC2086 (one word for each package)
    DEBIAN_FRONTEND=noninteractive $root apt-get install -q -y --no-install-recommends $missing
else
    echo "The tests of the window are skipped: they need$missing. On Debian and Ubuntu: apt-get install$missing"
fi
