# SPDX-License-Identifier: MIT
# What jobs share. Sourced inside the computer.
# shellcheck shell=bash

say() { printf '# %s\n' "$*"; }
ok() { printf 'ok %s\n' "$1"; }
not_ok() { printf 'not ok %s: %s\n' "$1" "$2"; }

# check NAME CMD…: a result, by CMD's exit status; what it prints is shown.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    ok "$name"
  else
    not_ok "$name" "$(printf '%s' "${output:-'$*' failed}" | tail -n 1)"
    printf '%s\n' "$output" | sed 's/^/#   /'
  fi
}

# wait_for SECONDS CMD…: until CMD succeeds.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.2
  done
}

# outer REQUEST…: asks the outer machine (see Requests in computer.py); prints
# its answer.
outer() {
  local reply
  { printf '%s\n' "$*" && read -r -t 60 reply; } 9<>"$OUTER" <&9 >&9 || {
    say "the outer machine does not answer: $*"
    return 1
  }
  case $reply in
  ok | 'ok '*) printf '%s\n' "${reply#ok}" | sed 's/^ //' ;;
  *)
    say "outer $*: $reply"
    return 1
    ;;
  esac
}

# login_as USER CMD…: CMD as a person who has logged in on tty1: a session of
# logind's on seat0, with a user manager. Comes back when CMD ends.
login_as() {
  local user=$1
  shift
  systemd-run --quiet --wait --pipe --collect --unit=lab-login \
    -p PAMName=login -p User="$user" -p 'WorkingDirectory=~' -p TTYPath=/dev/tty1 -p UtmpIdentifier=tty1 \
    -p UtmpMode=user -p TTYReset=no -p KillMode=mixed -p TimeoutStopSec=20 \
    -E XDG_SESSION_TYPE=wayland -E XDG_SESSION_CLASS=user -E XDG_SEAT=seat0 -E XDG_VTNR=1 -E LANG=C.UTF-8 -- "$@"
}

# start_login USER LOG CMD…: the same, but comes back at once; end_login ends it.
start_login() {
  local user=$1 log=$2
  # Debian's waybar is a service of every graphical session: a bar over our pictures.
  mkdir -p /etc/systemd/user
  ln -sf /dev/null /etc/systemd/user/waybar.service
  shift 2
  login_as "$user" "$@" >"$log" 2>&1 </dev/null &
}
end_login() { systemctl stop lab-login.service 2>/dev/null; }

# The vkms card's node, and the kernel's own account of its planes.
vkms_card() {
  local card
  for card in /sys/class/drm/card*; do
    case $(readlink -f "$card/device") in
    */faux/* | */platform/vkms* | */vkms*) [ -e "$card/dev" ] && echo "/dev/dri/${card##*/}" && return ;;
    esac
  done
  return 1
}
vkms_state() { echo /sys/kernel/debug/dri/lab/state; }
