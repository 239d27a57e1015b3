# SPDX-License-Identifier: MIT
# ensure_bench_image: makes an image of the root with the packages of
# tests/bench/packages.txt as well, unless it is in the cache, and sets IMAGE to
# its path in the root. Only what is missing in the root is fetched. Sourced by
# ./dev after root.sh and image.sh.
# shellcheck shell=bash

BENCH_DIR=$SOURCE_DIR/tests/bench

# make_bench_root FOLDER: a copy of the root with the packages.
make_bench_root() {
  local part=$1
  # shellcheck disable=SC2046
  set -- $(sed 's/#.*//' "$BENCH_DIR/packages.txt")
  new_namespaces rm -rf -- "$part" || return
  # shellcheck disable=SC2016
  new_namespaces bash -c '
    set -e
    root=$1 part=$2
    shift 2
    cp -a --reflink=auto -- "$root" "$part"
    mount --bind "$part" "$part"
    mount -t proc proc "$part/proc"
    mount -t tmpfs -o mode=755 dev "$part/dev"
    for node in null zero full random urandom tty; do
      : >"$part/dev/$node"
      mount --bind "/dev/$node" "$part/dev/$node"
    done
    mount -t tmpfs run "$part/run"
    # What is started while packages are set up has no place here.
    printf "#!/bin/sh\nexit 101\n" >"$part/usr/sbin/policy-rc.d"
    chmod 755 "$part/usr/sbin/policy-rc.d"
    printf "nameserver 127.0.0.1\n" >"$part/run/resolv.conf"
    [ ! -e /etc/resolv.conf ] || cat /etc/resolv.conf >"$part/run/resolv.conf"
    [ -L "$part/etc/resolv.conf" ] || { touch "$part/etc/resolv.conf"; mount --bind "$part/run/resolv.conf" "$part/etc/resolv.conf"; }
    [ ! -e /etc/hosts ] || { cat /etc/hosts >"$part/run/hosts"; mount --bind "$part/run/hosts" "$part/etc/hosts"; }
    run() {
      chroot "$part" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive INITRD=No "$@"
    }
    run apt-get -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o APT::Sandbox::User=root update
    run apt-get -o APT::Sandbox::User=root install -y --no-install-recommends --no-remove "$@"
    run apt-get clean
    rm -rf "$part"/var/lib/apt/lists/* "$part/usr/sbin/policy-rc.d"
  ' bash "$ROOT" "$part" "$@"
}

ensure_bench_image() {
  local name began=$SECONDS lock log=$CACHE_DIR/bench-image.log part
  name=image-bench-$(key "$BENCH_DIR/packages.txt" "$BENCH_DIR/image.sh" <(printf '%s' "$ROOT")).ext4
  # Read by verb_bench.
  # shellcheck disable=SC2034
  IMAGE=/cache/$name
  [ ! -e "$CACHE_DIR/$name" ] || return 0
  exec {lock}>"$CACHE_DIR/bench-image.lock"
  flock "$lock"
  if [ ! -e "$CACHE_DIR/$name" ]; then
    say "making the disk image with the programs that are compared (once: about 4 minutes, 400 MB to fetch; log: $log)"
    part=$CACHE_DIR/root-bench.part
    make_bench_root "$part" >"$log" 2>&1 </dev/null || {
      tail -n 20 "$log" >&2
      die "installing tests/bench/packages.txt failed: the lines above are the end of $log"
    }
    # No journal: what is written to it is thrown away.
    enter_root --bind "$part" /run/image sh -c '
      set -e
      part=$1.part
      rm -f "$part"
      truncate -s 8G "$part"
      mke2fs -q -F -t ext4 -O ^has_journal -E lazy_itable_init=1 -m 0 -L phyllome -d /run/image "$part"
      mv "$part" "$1"' sh "$IMAGE" >>"$log" 2>&1 || die "making the disk image failed: see $log"
    new_namespaces rm -rf -- "$part"
    say "the disk image is ready after $((SECONDS - began)) s"
  fi
  exec {lock}>&-
}
