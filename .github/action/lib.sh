# What the scripts of the action share. The bash of macOS is 3.2, that of
# Windows must not rewrite arguments that look like paths.
# shellcheck shell=bash
export MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*'

# fail ends the step with one line.
fail() {
  echo "::error title=seaworthy::$1"
  exit 1
}

# word prints what nobody can guess.
word() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# output sets an output. Its value may hold anything, line ends included.
output() {
  local end
  end="end_$(word)"
  printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >> "${GITHUB_OUTPUT:?}"
}

# quietly runs a command whose words the runner must not take for commands of
# its own: they come from the repository.
quietly() {
  local token code=0
  token="stop_$(word)"
  echo "::stop-commands::$token"
  "$@" 2>&1 || code=$?
  echo
  echo "::$token::"
  return "$code"
}

# choice checks an input that has only some values.
choice() {
  local name=$1 value=$2
  shift 2
  for allowed in "$@"; do
    if [ "$value" = "$allowed" ]; then return; fi
  done
  fail "$name is one of: $*"
}
