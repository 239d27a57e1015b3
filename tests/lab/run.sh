# SPDX-License-Identifier: MIT
# verb_run: shows guests to the person in front. Sourced by ./dev.
# shellcheck shell=bash

# install_programs: the built programs as a user would have them, in
# $BUILD_DIR/installed.
install_programs() {
  if is_native; then
    DESTDIR=$BUILD_DIR/installed meson install -C "$BUILD_DIR/native" --no-rebuild --quiet
  else
    enter_root meson install -C /build/plain --no-rebuild --quiet --destdir /build/installed
  fi >"$BUILD_DIR/install.log" 2>&1 || {
    tail -n 20 "$BUILD_DIR/install.log" >&2
    die "installing the programs failed"
  }
}

# nested_options: what a window on this machine's display needs, in OPTIONS.
nested_options() {
  local socket
  OPTIONS=()
  if [ -n "${WAYLAND_DISPLAY:-}" ]; then
    case $WAYLAND_DISPLAY in
    /*) socket=$WAYLAND_DISPLAY ;;
    *) socket=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/$WAYLAND_DISPLAY ;;
    esac
    [ -S "$socket" ] || die "WAYLAND_DISPLAY is set, but there is no socket $socket: unset it to run headless"
    OPTIONS+=(--bind "$socket" /run/host/wayland --env WAYLAND_DISPLAY=/run/host/wayland)
  else
    OPTIONS+=(--bind /tmp/.X11-unix /tmp/.X11-unix --env DISPLAY="$DISPLAY")
    socket=${XAUTHORITY:-$HOME/.Xauthority}
    [ ! -e "$socket" ] || OPTIONS+=(--bind "$socket" /run/host/xauthority --env XAUTHORITY=/run/host/xauthority)
  fi
}

# The guest directory that ./dev run shows, in $BUILD_DIR/guest; PATHs in it are
# as in the root, or as on this machine for its own programs.
write_media_guest() {
  local kind=$1 file=$2 shown
  [ -r "$file" ] || die "cannot read $file"
  file=$(realpath "$file")
  shown=$file
  if ! is_native; then
    shown=/run/media/${file##*/}
    OPTIONS+=(--bind "$file" "$shown")
  fi
  case $shown in
  *[\"\\]*) die "the name of $file has a quote or backslash in it: rename it" ;;
  esac
  {
    printf 'name "%s"\nmemory 2G\ncpus 2\n' "${file##*/}"
    case $kind,$file in
    iso,*) printf 'iso "%s"\n' "$shown" ;;
    *.qcow2) printf 'disk "%s" {\n  format qcow2\n  snapshot\n}\n' "$shown" ;;
    *) printf 'disk "%s" {\n  format raw\n  snapshot\n}\n' "$shown" ;;
    esac
  } >"$BUILD_DIR/guest/guest.scfg"
}

run_computer() {
  local once=$1 screenshot=$2
  local -a options=(--vnc)
  [ -z "$once" ] || options=()
  say "starting the virtual computer; its screenshot will be $screenshot"
  rm -f "$screenshot"
  enter_root --bind "${screenshot%/*}" /run/screenshot \
    python3 tests/lab/computer.py --image "$IMAGE" --show "/run/screenshot/${screenshot##*/}" "${options[@]}" \
    tests/lab/machine/show-session.sh || return
  [ -s "$screenshot" ] || die "the computer left no screenshot"
}

verb_run() {
  local kind=demo file='' once='' computer='' screenshot='' mode=headless began=$SECONDS status=0
  OPTIONS=()
  while [ $# -gt 0 ]; do
    case $1 in
    --iso | --disk)
      [ $# -ge 2 ] || die "$1 needs a file"
      kind=${1#--} file=$2
      shift
      ;;
    --screenshot)
      [ $# -ge 2 ] || die "$1 needs a file"
      screenshot=$2
      shift
      ;;
    --once) once=yes ;;
    --computer) computer=yes ;;
    *) die "run does not know '$1': see ./dev help" ;;
    esac
    shift
  done

  ensure_root
  [ -z "$computer" ] || USE_ROOT=yes
  verb_build >"$CACHE_DIR/build.log" 2>&1 || {
    tail -n 30 "$CACHE_DIR/build.log" >&2
    die "the build failed"
  }
  install_programs
  ensure_image
  mkdir -p "$BUILD_DIR/guest" "$BUILD_DIR/keep"
  screenshot=$(realpath -m -- "${screenshot:-$CACHE_DIR/phyllome.png}")
  [ -w "${screenshot%/*}" ] || die "cannot write a screenshot to ${screenshot%/*}"
  if [ -n "$computer" ]; then
    run_computer "$once" "$screenshot"
    return
  fi
  if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ] && [ -z "$once" ]; then
    mode=nested
    nested_options
  fi
  rm -f "$BUILD_DIR/keep/"*
  case $kind in
  demo) write_demo_guest ;;
  *) write_media_guest "$kind" "$file" ;;
  esac
  say "ready to start after $((SECONDS - began)) s"
  if is_native; then
    with_deathsig TERM env PATH="$BUILD_DIR/installed/usr/local/bin:$BUILD_DIR/installed/usr/bin:$PATH" \
      bash "$LAB_DIR/show.sh" "$mode" "$kind" "$BUILD_DIR" "${once:-no}" "$screenshot" || status=$?
  else
    enter_root "${OPTIONS[@]}" --bind "${screenshot%/*}" /run/screenshot \
      bash tests/lab/show.sh "$mode" "$kind" /build "${once:-no}" \
      "/run/screenshot/${screenshot##*/}" "$screenshot" || status=$?
  fi
  return "$status"
}

write_demo_guest() {
  local image=$IMAGE where=/build
  if is_native; then
    image=$CACHE_DIR/${IMAGE##*/}
    where=$BUILD_DIR
  fi
  enter_root --bind "$BUILD_DIR" /run/folder sh tests/lab/demo-guest.sh /run/folder/guest "$image" desktop \
    "$where/keep/serial"
}
