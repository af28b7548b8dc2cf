#!/usr/bin/env bash
# Runs seaworthy with what the inputs say, and keeps the exit code for the last
# step: what was found is uploaded first. Annotations are the last step's too.
set -euo pipefail
# shellcheck source=.github/action/lib.sh
source "$(dirname "$0")/lib.sh"

choice annotations "${SEAWORTHY_ANNOTATIONS:?}" auto true false
choice upload-sarif "${SEAWORTHY_UPLOAD:?}" auto true false
choice only-new "${SEAWORTHY_ONLY_NEW:?}" true false
choice summary "${SEAWORTHY_SUMMARY:?}" true false
choice format "${SEAWORTHY_FORMAT:?}" text concise

cd "${SEAWORTHY_DIR:?}" || fail "working-directory is no folder."
reports="$(mktemp -d "${RUNNER_TEMP:?}/seaworthy.XXXXXX")"
json="$reports/seaworthy.json" sarif="$reports/seaworthy.sarif"
if [ -n "${SEAWORTHY_SARIF:-}" ]; then
  case "$SEAWORTHY_SARIF" in
    /* | [A-Za-z]:*) sarif=$SEAWORTHY_SARIF ;;
    *) sarif="$PWD/$SEAWORTHY_SARIF" ;;
  esac
fi

set -- check "--format=$SEAWORTHY_FORMAT" "--fail-on=${SEAWORTHY_FAIL_ON:?}" "--profile=${SEAWORTHY_PROFILE:?}" \
  "--output=sarif=$sarif" "--output=json=$json" "--output=summary=$reports/summary.md"
if [ -n "${SEAWORTHY_CONFIG:-}" ]; then set -- "$@" "--config=$SEAWORTHY_CONFIG"; fi
if [ -n "${SEAWORTHY_BASELINE:-}" ]; then set -- "$@" "--baseline=$SEAWORTHY_BASELINE"; fi
if [ -n "${SEAWORTHY_CATEGORY:-}" ]; then set -- "$@" "--category=$SEAWORTHY_CATEGORY"; fi
if [ "$SEAWORTHY_ONLY_NEW" = true ]; then set -- "$@" --base=event; fi
while IFS= read -r line; do
  line=${line%$'\r'}
  if [ -n "$line" ]; then set -- "$@" "--output=$line"; fi
done <<< "${SEAWORTHY_OUTPUT:-}"
set -f # what args holds is words, not patterns
# shellcheck disable=SC2086
set -- "$@" ${SEAWORTHY_ARGS:-}
set +f

code=0
quietly "${SEAWORTHY:?}" "$@" -- "${SEAWORTHY_PATH:?}" || code=$?

# count prints a number out of the "counts" of the JSON report. Text of the
# repository has no line ends in it.
count() {
  local n=""
  if [ -f "$json" ]; then
    n=$(sed -n '/^  "counts": {/,/^  }/s/^    "'"$1"'": \([0-9]*\),*$/\1/p' "$json")
  fi
  echo "${n:-0}"
}
errors=$(count errors) warnings=$(count warnings) notes=$(count notes)
output exit-code "$code"
output errors "$errors"
output warnings "$warnings"
output notes "$notes"
output findings "$((errors + warnings + notes))"
if [ -f "$sarif" ]; then output sarif-file "$sarif"; fi
if [ -f "$json" ]; then output json-file "$json"; fi
if [ "$SEAWORTHY_SUMMARY" = true ] && [ -f "$reports/summary.md" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
fi

# The paths in the reports are relative to the folder with .git, which is not
# the workspace where actions/checkout has a path.
root=$PWD
if [ -d "$SEAWORTHY_PATH" ]; then root=$(cd -- "$SEAWORTHY_PATH" && pwd); fi
top=$root
while [ ! -e "$top/.git" ] && [ "$(dirname "$top")" != "$top" ]; do top=$(dirname "$top"); done
if [ -e "$top/.git" ]; then root=$top; fi
if command -v cygpath > /dev/null; then root=$(cygpath -w "$root"); fi
output root "$root"
