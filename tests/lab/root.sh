# SPDX-License-Identifier: MIT
# ensure_root: builds the Debian 14 "forky" root in the cache, unless the one
# that this checkout's package list asks for is there, and sets ROOT to its
# folder. Takes about three minutes and 3 GB. Sourced by ./dev after lib.sh.
# shellcheck shell=bash

ROOT_SUITE=forky

# The mirror is the one that this machine's own apt is set to. Prints nothing if
# there is none.
find_mirror() {
  local file uri=''
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] && [ -z "$uri" ] || continue
    uri=$(awk '/^URIs:/ { for (i = 2; i <= NF; i++) if ($i ~ /\/debian\/?$/) { print $i; exit } }' "$file")
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] && [ -z "$uri" ] || continue
    uri=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /\/debian\/?$/) { print $i; exit } }' "$file")
  done
  printf '%s\n' "${PHYLLOME_MIRROR:-$uri}"
}

need_mmdebstrap() {
  local log=$1
  command -v mmdebstrap >/dev/null && return
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "installing mmdebstrap, which builds the Debian root"
    { apt-get update && apt-get install -y --no-install-recommends mmdebstrap; } >"$log" 2>&1 && return
    die "apt-get could not install mmdebstrap: see $log"
  fi
  die "mmdebstrap not found: install it (Debian: apt install mmdebstrap uidmap, Fedora: dnf install mmdebstrap)"
}

# Says what mmdebstrap is at, read from its log, for as long as ./dev lives.
report_progress() {
  local log=$1 begin=$SECONDS doing last=''
  while sleep 15 && kill -0 $$ 2>/dev/null; do
    if grep -q 'phyllome: ' "$log"; then
      doing=$(sed -n 's/.*phyllome: //p' "$log" | tail -n 1)
    elif grep -q '^Setting up' "$log"; then
      doing="setting up packages ($(grep -c '^Setting up' "$log") so far)"
    elif grep -q '^Get:' "$log"; then
      doing="fetching packages ($(grep -c '^Get:' "$log") so far)"
    else
      doing='reading the package lists'
    fi
    [ "$doing" = "$last" ] || say "  $((SECONDS - begin)) s: $doing"
    last=$doing
  done
}

# build_root FOLDER LOG MIRROR
build_root() {
  local part=$1 log=$2 mirror=$3 packages ring
  local -a keyring=()
  for ring in /usr/share/keyrings/debian-archive-keyring.pgp /usr/share/keyrings/debian-archive-keyring.gpg; do
    [ ! -r "$ring" ] || keyring=(--keyring="$ring")
  done
  packages=$(sed 's/#.*//' "$LAB_DIR/packages.txt" | xargs | tr ' ' ',')
  # What an interrupted build left. No mount can be in it: each build has its
  # own mount namespace.
  new_namespaces rm -rf -- "$part" || return

  # INITRD=No: the lab makes its own small initramfs; the stock one takes time.
  # The Release file of a development suite may be past its Valid-Until date.
  # The shell between takes the signals that a first process would ignore.
  # shellcheck disable=SC2016
  new_namespaces bash -c '"$@"; exit $?' bash \
    env INITRD=No DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    mmdebstrap --verbose --mode=root --variant=important --format=directory \
    --components=main "${keyring[@]}" \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --aptopt='Acquire::Languages "none"' \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --include="$packages" \
    --customize-hook="upload $LAB_DIR/root-finish.sh /root-finish.sh" \
    --customize-hook='chroot "$1" sh /root-finish.sh' \
    --customize-hook='rm "$1/root-finish.sh"' \
    "$ROOT_SUITE" "$part" "$mirror" >"$log" 2>&1 </dev/null
}

ensure_root() {
  local log=$CACHE_DIR/root.log mirror reporter begin=$SECONDS lock
  ROOT=$CACHE_DIR/root-$(key "$LAB_DIR/packages.txt" "$LAB_DIR/root.sh" "$LAB_DIR/root-finish.sh")
  need_namespaces
  [ ! -d "$ROOT" ] || return 0
  mkdir -p "$CACHE_DIR"
  exec {lock}>"$CACHE_DIR/root.lock"
  if ! flock -n "$lock"; then
    say "another ./dev is building the Debian root: waiting for it"
    flock "$lock"
  fi
  if [ ! -d "$ROOT" ]; then
    need_mmdebstrap "$log"
    mirror=$(find_mirror)
    [ -n "$mirror" ] ||
      die "no Debian mirror in this machine's apt sources: set PHYLLOME_MIRROR to the address of one"
    say "building the Debian $ROOT_SUITE root $ROOT"
    say "  from $mirror, once only: about 4 minutes, 700 MB to fetch; log: $log"
    : >"$log"
    report_progress "$log" {lock}>&- &
    reporter=$!
    if ! build_root "$ROOT.part" "$log" "$mirror"; then
      kill "$reporter"
      tail -n 20 "$log" >&2
      die "building the Debian root failed: the lines above are the end of $log"
    fi
    kill "$reporter"
    mv -T -- "$ROOT.part" "$ROOT"
    say "the Debian root is ready after $((SECONDS - begin)) s"
  fi
  exec {lock}>&-
}
