# SPDX-License-Identifier: MIT
# enter_root: runs a command in the root. Sourced by ./dev after root.sh.
# shellcheck shell=bash

# A checkout has one folder of builds for each root, unless it was set before:
# another for this machine's own libraries.
set_build_dir() {
  BUILD_DIR=${BUILD_DIR:-$CACHE_DIR/build-$(checkout_key)-${ROOT##*-}}
  mkdir -p "$BUILD_DIR"
}

# enter_root [--writable] [--bind FROM TO]… [--env NAME=VALUE]… CMD…
# CMD runs as root of the forky root (as an ordinary user: of a user namespace),
# with the checkout at /src (read-only unless --writable), this checkout's build
# folders at /build and the cache at /cache. Whatever it starts or mounts is gone
# when it ends or when the calling shell does. Returns its exit status.
enter_root() {
  local src_mode=ro
  local -a binds=() environment=()
  while [ $# -gt 0 ]; do
    case $1 in
    --writable) src_mode=rw; shift ;;
    --bind) binds+=("$2" "$3"); shift 3 ;;
    --env) environment+=("$2"); shift 2 ;;
    *) break ;;
    esac
  done
  set_build_dir
  new_namespaces bash "$LAB_DIR/enter-inner.sh" "$ROOT" "$SOURCE_DIR" "$src_mode" "$BUILD_DIR" "$CACHE_DIR" \
    "${#binds[@]}" "${binds[@]}" \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/run/home LANG=C.UTF-8 TERM="${TERM:-dumb}" XDG_RUNTIME_DIR=/run/user/0 \
    "${environment[@]}" "$@"
}
