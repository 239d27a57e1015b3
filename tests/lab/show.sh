#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the session with one guest and shows it: in a window (nested), or headless
# with a screenshot and a way in by VNC. Ends with the session or by a signal,
# and everything with it.
# usage: show.sh nested|headless demo|iso|disk FOLDER ONCE FILE [SHOWN-AS]
# FOLDER has guest/ and keep/ (logs); ONCE "yes" ends after the screenshot, which
# is written to FILE, called SHOWN-AS where the person is.
set -euo pipefail

mode=$1 kind=$2 folder=$3 once=$4 screenshot=$5 shown=${6:-$5}
log=$folder/keep/session.log
serial=$folder/keep/serial

say() { printf 'dev: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

session=
vnc=
# By id, and the session first: it ends its bridges and guests itself.
finish() {
  trap - EXIT INT TERM HUP
  [ -z "$vnc" ] || kill "$vnc" 2>/dev/null || true
  if [ -n "$session" ] && kill -TERM "$session" 2>/dev/null; then
    say "ending the session"
    # This one tells it to hurry: nothing of this guest is kept.
    sleep 1
    kill -INT "$session" 2>/dev/null || true
    wait "$session" 2>/dev/null || true
  fi
  [ -z "${XDG_RUNTIME_DIR_OWN:-}" ] || rm -rf "$XDG_RUNTIME_DIR_OWN"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

session_lives() { kill -0 "$session" 2>/dev/null; }

# wait_until SECONDS WHAT CMD…
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    session_lives || {
      tail -n 15 "$log" >&2
      die "the session ended before $what: the lines above are the end of its log"
    }
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.3
  done
}

start_session() {
  local renderer=()
  if [ "$mode" = headless ]; then
    unset WAYLAND_DISPLAY DISPLAY
    renderer=(WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1)
  elif ! compgen -G '/dev/dri/renderD*' >/dev/null; then
    renderer=(WLR_RENDERER=pixman)
  fi
  # A run-time directory of its own: beside another session there is no clash.
  XDG_RUNTIME_DIR_OWN=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/phyllome-run-XXXXXX")
  if [ -n "${WAYLAND_DISPLAY:-}" ] && [ "${WAYLAND_DISPLAY#/}" = "$WAYLAND_DISPLAY" ]; then
    export WAYLAND_DISPLAY=$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY
  fi
  export XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR_OWN
  env "${renderer[@]}" phyllome-session -- --guest "$folder/guest" --start >"$log" 2>&1 </dev/null &
  session=$!
}

find_display() {
  display_file=$(find "$XDG_RUNTIME_DIR" -name wayland-display -size +0 | head -n 1)
  [ -n "$display_file" ]
}

# The session's own word on its guest: its state, and why.
guest_is_lost() {
  guests=$(varlinkctl --json=short call "$XDG_RUNTIME_DIR/phyllome/control" org.phyllome.Session.ListGuests '{}' 2>/dev/null) || return 1
  [[ $guests = *'"state":"lost"'* ]]
}

guest_is_ready() {
  ! guest_is_lost || die "the guest was lost: $(sed 's/.*"reason":"\([^"]*\)".*/\1/' <<<"$guests")"
  grep -qa PHYLLOME-READY "$serial" 2>/dev/null
}
not_yet() { guest_is_ready && false; }

free_port() {
  local port
  for port in $(seq 5900 5999); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

rm -f "$serial"
export PATH=$folder/installed/usr/bin:$PATH
command -v phyllome-session >/dev/null || die "phyllome-session was not built: wlroots 0.20 is missing; try ./dev --root run"
start_session
wait_until 30 'it opened its sockets' find_display || die "the session opened no socket within 30 s: see $log"
WAYLAND_DISPLAY=$(cat "$display_file")
export WAYLAND_DISPLAY

if [ "$mode" = nested ]; then
  say "the session is in its window; close it or press Ctrl-C to end"
  status=0
  wait "$session" || status=$?
  session=
  exit $status
fi

began=$SECONDS
say "the session runs, headless; the guest boots"
if [ "$kind" = demo ]; then
  wait_until 300 'the guest had booted' guest_is_ready || say "the guest is not up after 300 s; its picture so far:"
else
  # Nobody can tell when a stranger's system is ready: show how far it came.
  wait_until 20 'the guest had booted' not_yet || true
fi
grim "$screenshot" || die "no screenshot: grim failed"
say "screenshot, $((SECONDS - began)) s after the start: $shown"
[ "$once" != yes ] || exit 0

if command -v wayvnc >/dev/null; then
  port=$(free_port)
  wayvnc 127.0.0.1 "$port" >"$folder/keep/wayvnc.log" 2>&1 </dev/null &
  vnc=$!
  sleep 1
  kill -0 "$vnc" 2>/dev/null || {
    tail -n 5 "$folder/keep/wayvnc.log" >&2
    die "wayvnc does not run: see the lines above"
  }
  say "look and type with any VNC viewer: vncviewer 127.0.0.1:$port (Ctrl-C here ends it all)"
else
  say "to look and type, install wayvnc; Ctrl-C ends it all"
fi
status=0
wait "$session" || status=$?
session=
exit $status
