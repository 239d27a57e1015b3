#!/bin/sh
# SPDX-License-Identifier: MIT
# What the terminal of the demonstration guest's desktop opens with.
. /etc/os-release
printf '\n  %s, Linux %s, in a virtual machine.\n\n' "$PRETTY_NAME" "$(uname -r)"
exec bash
