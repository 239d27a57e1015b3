#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Configures a build folder the first time, and compiles.
# usage: compile.sh SOURCE FOLDER gcc|clang plain|checked|analyzed
# plain: what a user installs. checked: warnings are errors, with AddressSanitizer
# and UndefinedBehaviorSanitizer. analyzed: gcc's -fanalyzer, findings are errors.
set -euo pipefail

source=$1 folder=$2 compiler=$3 kind=$4
options=(--werror)
flags=
case $kind in
plain) options=(-Dwerror=false -Dbuildtype=debugoptimized -Dprefix=/usr) ;;
checked) options+=(-Dbuildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false) ;;
analyzed)
  options+=(-Dbuildtype=debug -Dtests=false)
  flags=-fanalyzer
  ;;
esac
if [ ! -e "$folder/build.ninja" ]; then
  rm -rf "$folder"
  CC=$compiler CFLAGS=$flags meson setup "${options[@]}" "$folder" "$source"
fi
exec meson compile -C "$folder"
