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

# The names of its monitors, in the order of their connectors.
vkms_monitors() {
  local card one
  card=$(vkms_card)
  for one in "/sys/class/drm/${card##*/}"-Virtual*; do
    echo "${one##*/card?-}"
  done | sort -V
}

# The node of virtio-gpu, whose screens the outer machine sees.
virtio_card() {
  local card
  for card in /dev/dri/card*; do
    [ "$card" = "$(vkms_card)" ] || echo "$card"
  done | head -n 1
}

# in_session [NAME=VALUE…] [--verbose] -- PROGRAM [ARGUMENT…]: a program of tests/lab
# prepares what it needs, alice logs in to a session with these variables, and the
# program runs beside it; its status. She has no other guests and settings than those
# of that program. The login is left as it is: see end_login.
in_session() {
  local log=/run/session.log status
  local -a variables=() options=()
  while [ "$1" != -- ]; do
    case $1 in
    --*) options=(-- "$1") ;;
    *) variables+=("$1") ;;
    esac
    shift
  done
  shift
  local program=/src/tests/lab/$1
  shift
  rm -rf /home/alice/.local/share/phyllome /home/alice/.local/state/phyllome /home/alice/.config/phyllome
  python3 "$program" prepare "$@" || return
  start_login alice $log env "${variables[@]}" phyllome-session "${options[@]}"
  status=0
  python3 "$program" run "$@" 2>&1 || status=$?
  [ $status -eq 0 ] || tail -n 60 $log /run/user/1000/phyllome/*/*.log /home/alice/serial 2>/dev/null
  return $status
}

# log_out: by the session's own key, which is a result.
log_out() {
  outer press meta_l shift e
  check 'its key logs out' wait_for 30 sh -c '! systemctl is-active -q lab-login.service'
  check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice "phyllome|qemu"'
  end_login
}

# Else closing the lid would put the computer to sleep, as it should.
ignore_lid() {
  mkdir -p /run/systemd/logind.conf.d
  printf '[Login]\nHandleLidSwitch=ignore\nHandleLidSwitchExternalPower=ignore\nHandleLidSwitchDocked=ignore\n' \
    >/run/systemd/logind.conf.d/lid.conf
  systemctl reload systemd-logind
}
