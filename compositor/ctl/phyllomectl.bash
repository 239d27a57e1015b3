# SPDX-License-Identifier: MIT
# Completion of phyllomectl(1) for bash. Names come from the session that runs.
# shellcheck shell=bash

# Offers those of the given texts that go on from the word at the cursor, quoted
# as that word is.
_phyllomectl_offer() {
  local word=$1 text quoted
  shift
  for text; do
    [ -n "$text" ] || continue
    case $word in
    [\"\']*)
      if [[ $text == "${word:1}"* ]]; then COMPREPLY+=("$text"); fi
      ;;
    *)
      printf -v quoted %q "$text"
      if [[ $quoted == "$word"* || $text == "$word"* ]]; then COMPREPLY+=("$quoted"); fi
      ;;
    esac
  done
}

# The first column of a list of phyllomectl; nothing when no session runs.
_phyllomectl_names() {
  local -a command=("${COMP_WORDS[0]}")
  [ -z "$1" ] || command+=(--socket "$1")
  "${command[@]}" "$2" --names 2>/dev/null | cut -f 1
}

_phyllomectl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb='' socket='' count=0 i
  local -a names=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    --socket) socket=${COMP_WORDS[i + 1]}; i=$((i + 1)) ;;
    -*) ;;
    *) count=$((count + 1)); verb=${verb:-${COMP_WORDS[i]}} ;;
    esac
  done
  if [ "$before" = --socket ]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  case $word in
  -*)
    _phyllomectl_offer "$word" --json --names --socket --help --version
    return
    ;;
  esac
  case $count:$verb in
  0:) mapfile -t names < <(_phyllomectl_names '' commands) ;;
  1:show | 1:show-here | 1:start | 1:shutdown | 1:reset | 1:kill | 1:pause | 1:resume)
    mapfile -t names < <(_phyllomectl_names "$socket" guests)
    ;;
  1:focus)
    mapfile -t names < <(_phyllomectl_names "$socket" outputs)
    names=(left right up down "${names[@]}")
    ;;
  1:place) mapfile -t names < <(_phyllomectl_names "$socket" guests) ;;
  2:place) mapfile -t names < <(_phyllomectl_names "$socket" outputs) ;;
  1:move) names=(left right up down) ;;
  1:brightness) names=(up down) ;;
  1:send) names=(Ctrl+Alt+Delete) ;;
  1:run) mapfile -t names < <(compgen -c -- "$word" | sort -u) ;;
  esac
  _phyllomectl_offer "$word" "${names[@]}"
}

complete -F _phyllomectl phyllomectl
