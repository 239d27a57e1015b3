# SPDX-License-Identifier: MIT
# verb_build: builds the programs, with this machine's libraries or in the root.
# Sourced by ./dev after enter.sh.
# shellcheck shell=bash

# Whether this machine can build the session without the root.
is_native() {
  [ -z "$USE_ROOT" ] && command -v meson >/dev/null && command -v pkg-config >/dev/null &&
    pkg-config --exists 'wlroots-0.20 >= 0.20.1' 'libsystemd >= 257' scfg wayland-protocols pangocairo
}

# Takes the lock of this checkout's builds until ./dev ends.
lock_builds() {
  mkdir -p "$BUILD_DIR"
  exec {BUILD_LOCK}>"$BUILD_DIR/lock"
  flock -n "$BUILD_LOCK" && return
  say "another ./dev builds this checkout: waiting for it"
  flock "$BUILD_LOCK"
}

verb_build() {
  if is_native; then
    BUILD_DIR=$CACHE_DIR/build-$(checkout_key)-native
    lock_builds
    say "building with this machine's libraries in $BUILD_DIR/native"
    with_deathsig TERM bash "$LAB_DIR/compile.sh" "$SOURCE_DIR" "$BUILD_DIR/native" gcc plain >&2 ||
      return
  else
    ensure_root
    set_build_dir
    lock_builds
    say "building in the Debian root; results in $BUILD_DIR/plain"
    enter_root bash tests/lab/compile.sh /src /build/plain gcc plain >&2 || return
  fi
}
