# SPDX-License-Identifier: MIT
# verb_test: builds with all checks and runs the suites. Sourced by ./dev.
# shellcheck shell=bash

# Longest times, in seconds, that a build and a suite may take.
BUILD_LIMIT=900
UNIT_LIMIT=600
HEADLESS_LIMIT=3600
LAB_LIMIT=5400

# step NAME LIMIT CMD…: runs CMD in the root and records under NAME whether it
# succeeded; its output goes to a log that is shown if it did not.
step() {
  local name=$1 limit=$2 result=OK began=$SECONDS
  shift 2
  say "$name …"
  enter_root timeout --kill-after=10 "$limit" "$@" >"$RESULTS/step.log" 2>&1 </dev/null || result=FAIL
  say "$name: $result after $((SECONDS - began)) s"
  enter_root python3 tests/lab/tally.py record /build/results/steps.json "$name" "$result" /build/results/step.log
  [ "$result" = OK ]
}

# meson_suite SUITE BUILD LIMIT: one suite of meson tests, from a finished build.
# One more at once than there are processors, as many of them wait most of their time.
meson_suite() {
  local suite=$1 build=$2 limit=$3 began=$SECONDS status=0
  say "suite $suite ($build) …"
  rm -f "$BUILD_DIR/$build/meson-logs/$suite."*
  enter_root --env PH_TEST_IMAGE="${IMAGE:-}" \
    --env ASAN_OPTIONS=halt_on_error=1:abort_on_error=0:detect_leaks=1:strict_string_checks=1 \
    --env UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    timeout --kill-after=10 "$limit" \
    meson test -C "/build/$build" --no-rebuild --num-processes $(($(nproc) + 1)) --suite "$suite" --logbase "$suite" \
    >"$RESULTS/$suite-$build.log" 2>&1 </dev/null || status=$?
  if [ -e "$BUILD_DIR/$build/meson-logs/$suite.json" ]; then
    cp "$BUILD_DIR/$build/meson-logs/$suite.json" "$RESULTS/$suite-$build.json"
  fi
  # meson ends with the number of failed tests, which its log names. Other ends
  # (a timeout, a crash) leave tests out of that log.
  if [ "$status" -ge 124 ] || { [ "$status" -ne 0 ] && [ ! -e "$RESULTS/$suite-$build.json" ]; }; then
    enter_root python3 tests/lab/tally.py record /build/results/steps.json \
      "suite $suite ($build) ended with status $status" FAIL "/build/results/$suite-$build.log"
  fi
  say "suite $suite ($build): $((SECONDS - began)) s"
}

build_with() {
  step "build with $1, ASan and UBSan" $BUILD_LIMIT bash tests/lab/compile.sh /src "/build/$1" "$1" checked
}

run_unit_suite() {
  ! build_with gcc || meson_suite unit gcc $UNIT_LIMIT
  ! build_with clang || meson_suite unit clang $UNIT_LIMIT
  step 'analysis by gcc -fanalyzer' $BUILD_LIMIT bash tests/lab/compile.sh /src /build/analyzed gcc analyzed || true
}

run_headless_suite() {
  ensure_image
  ! build_with gcc || meson_suite headless gcc $HEADLESS_LIMIT
}

# The computer runs the programs as a user would have installed them, and has the
# test programs in /build.
run_lab_suite() {
  local began=$SECONDS status=0
  step 'build as for a user' $BUILD_LIMIT bash tests/lab/compile.sh /src /build/plain gcc plain || return 0
  install_programs
  ensure_image
  say "suite lab …"
  enter_root timeout --kill-after=10 $LAB_LIMIT sh -c \
    'exec python3 tests/lab/computer.py --image "$1" --results /build/results/lab.json --keep /build/keep tests/lab/jobs/*.sh' \
    sh "$IMAGE" >"$RESULTS/lab.log" 2>&1 </dev/null || status=$?
  # 1 says that a job failed, which its record says as well.
  if [ "$status" -gt 1 ] || [ ! -s "$RESULTS/lab.json" ]; then
    enter_root python3 tests/lab/tally.py record /build/results/steps.json \
      "the lab ended with status $status" FAIL /build/results/lab.log
  fi
  say "suite lab: $((SECONDS - began)) s; its pictures: $BUILD_DIR/keep"
}

verb_test() {
  local suite began=$SECONDS
  local -a suites=("$@")
  [ $# -gt 0 ] || suites=(unit headless lab)
  for suite in "${suites[@]}"; do
    case $suite in
    unit | headless | lab) ;;
    *) die "there is no test suite '$suite': unit, headless, lab" ;;
    esac
  done
  ensure_root
  set_build_dir
  lock_builds
  RESULTS=$BUILD_DIR/results
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"

  for suite in "${suites[@]}"; do
    case $suite in
    unit) run_unit_suite ;;
    headless) run_headless_suite ;;
    lab) run_lab_suite ;;
    esac
  done
  say "all of it: $((SECONDS - began)) s; logs: $RESULTS"
  enter_root python3 tests/lab/tally.py report /build/results
}
