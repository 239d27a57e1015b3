# SPDX-License-Identifier: MIT
# ensure_image: makes an ext4 image of the root in the cache, unless it is there,
# and sets IMAGE to its path in the root. The computer and the demonstration
# guest boot from it, both with all writes thrown away. Sourced by ./dev.
# shellcheck shell=bash

ensure_image() {
  local name began=$SECONDS lock
  name=image-${ROOT##*-}.ext4
  # Read by verb_run and the lab.
  # shellcheck disable=SC2034
  IMAGE=/cache/$name
  [ ! -e "$CACHE_DIR/$name" ] || return 0
  exec {lock}>"$CACHE_DIR/image.lock"
  flock "$lock"
  if [ ! -e "$CACHE_DIR/$name" ]; then
    say "making the disk image of the virtual computer (about 30 s, 2 GB)"
    # No journal: what is written to it is thrown away.
    enter_root --bind "$ROOT" /run/image sh -c '
      set -e
      part=$1.part
      rm -f "$part"
      truncate -s 6G "$part"
      mke2fs -q -F -t ext4 -O ^has_journal -E lazy_itable_init=1 -m 0 -L phyllome -d /run/image "$part"
      mv "$part" "$1"' sh "$IMAGE" >"$CACHE_DIR/image.log" 2>&1 ||
      die "making the disk image failed: see $CACHE_DIR/image.log"
    say "the disk image is ready after $((SECONDS - began)) s"
  fi
  exec {lock}>&-
}
