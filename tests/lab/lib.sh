# SPDX-License-Identifier: MIT
# Shared by ./dev and its parts: names of places in the cache, and how to speak
# to the person in front. Sourced, never run. Needs bash.
# shellcheck shell=bash

# Where an ordinary user has no sbin in PATH: pivot_root, chroot and others.
PATH=$PATH:/usr/sbin:/sbin

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SOURCE_DIR=$(cd "$LAB_DIR/../.." && pwd)
CACHE_DIR=${PHYLLOME_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/phyllome}

BUILD_DIR=

say() { printf '%s\n' "dev: $*" >&2; }
die() {
  printf '%s\n' "dev: $*" >&2
  exit 1
}

# key FILE…: sixteen hex digits that change when a file's content does.
key() { cat -- "$@" | sha256sum | cut -c1-16; }

# with_deathsig SIGNAL CMD…: CMD gets SIGNAL when the calling shell dies, however
# it dies, so that ending ./dev ends everything below it.
with_deathsig() {
  local signal=$1
  shift
  setpriv --pdeathsig "$signal" -- "$@"
}

# new_namespaces CMD…: CMD is the first process of private mount and process
# namespaces. Its mounts are seen nowhere else, and when it ends, every process
# it started and every mount it made is gone.
new_namespaces() {
  local -a user=()
  if [ "$(id -u)" -ne 0 ]; then
    user=(--user --map-root-user --map-auto)
  fi
  with_deathsig KILL unshare "${user[@]}" --mount --propagation private --mount-proc \
    --pid --fork --kill-child -- "$@"
}

# need_namespaces: one clear line when this machine does not let us make them.
need_namespaces() {
  local tool
  for tool in unshare setpriv flock; do
    command -v "$tool" >/dev/null || die "$tool not found: install util-linux"
  done
  new_namespaces true 2>/dev/null && return
  if [ "$(id -u)" -eq 0 ]; then
    die "cannot make mount and process namespaces, although root: in a container, give it CAP_SYS_ADMIN"
  fi
  command -v newuidmap >/dev/null ||
    die "newuidmap not found: install the package uidmap (Debian) or shadow-utils (Fedora), or run as root"
  grep -q "^$(id -un):" /etc/subuid 2>/dev/null ||
    die "no subordinate user ids for $(id -un): run 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)' as root, or run as root"
  die "cannot make a user namespace: allow unprivileged user namespaces on this machine, or run as root"
}

# checkout_key: eight hex digits for the place of this checkout.
checkout_key() { printf '%s' "$SOURCE_DIR" | sha256sum | cut -c1-8; }
