# SPDX-License-Identifier: MIT
# verb_bench: measures the session and what people use instead, in the virtual
# computer. Sourced by ./dev after run.sh and tests/bench/image.sh.
# shellcheck shell=bash

bench_usage() {
  cat <<'EOF'
usage: ./dev bench [NAME…] [--against PEER…] [--json FILE] [--html FILE] [OPTION…]

Measures the session and what people use instead, one after the other in one
virtual computer whose clock counts instructions: figures do not depend on this
machine, but it takes hours. Prints a table, and leaves JSON and an HTML page.

  NAME             memory frame start input switch idle pacing scale (default: all)
  --against PEER…  sway-gtk cage-gtk weston-sdl sway-spice gnome-boxes
                   (default: all), or none; names of measures may follow
  --without-us     the peers only
  --json FILE      where the figures go (default: bench.json in the cache)
  --html FILE      where the page goes (default: bench.html in the cache)
  --quick          only us, with few repetitions: a smoke test
  --host-clock     the computer has this machine's clock: done much sooner, good
                   for memory and counts; its times say nothing
  --guests N…      how many guests memory and switch have (default: 1 8)
  --frames N       frames that frame counts the cost of (default: 300)
  --paced N        frames that pacing follows (default: 2000)
  --switches N     switches that switch makes (default: 300)
  --cpus N         the computer's processors (default: 2). They take turns, and the
                   clock goes on while the other one works: only with 1 is the
                   processor time of frame, scale and idle exact
  --shift N        an instruction takes 2^N ns of the computer's clock (default: 0)
  --limit SECONDS  of this machine's, after which it ends with what it has
                   (default: 28800)
EOF
}

verb_bench() {
  local json=$CACHE_DIR/bench.json html=$CACHE_DIR/bench.html image
  local -a words=()
  while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
      bench_usage
      return
      ;;
    --json | --html)
      [ $# -ge 2 ] || die "$1 needs a file"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --quick) words+=(--quick) image=yes ;;
    *) words+=("$1") ;;
    esac
    shift
  done
  ensure_root
  USE_ROOT=yes
  verb_build >"$CACHE_DIR/build.log" 2>&1 || {
    tail -n 30 "$CACHE_DIR/build.log" >&2
    die "the build failed"
  }
  install_programs
  # Alone, we need none of the others' packages.
  if [ -n "${image:-}" ]; then ensure_image; else ensure_bench_image; fi
  json=$(realpath -m -- "$json") html=$(realpath -m -- "$html")
  enter_root --bind "${json%/*}" /run/json --bind "${html%/*}" /run/html \
    python3 tests/bench/bench.py --image "$IMAGE" --keep /build/bench \
    --json "/run/json/${json##*/}" --html "/run/html/${html##*/}" "${words[@]}" || return
  say "figures: $json; page: $html; logs: $BUILD_DIR/bench"
}
