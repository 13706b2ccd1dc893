# How the play speaks, waits and gives up.

step() { printf '\n-- %s (%ss)\n' "$*" "$SECONDS"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# within SECONDS WHAT COMMAND…: tries the command until it succeeds.
within() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "$what did not come"
    sleep 0.3
  done
}

# A command that fails where nobody asked is named, with its place.
set -E
trap 'printf "FAILED: %s (%s, line %s)\n" "$BASH_COMMAND" "${BASH_SOURCE[0]}" "$LINENO" >&2' ERR
