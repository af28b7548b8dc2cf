#!/usr/bin/env bash
# Runs seaworthy with what the inputs say, and keeps the exit code for the last
# step. The bash of macOS is 3.2: no empty arrays under set -u.
set -euo pipefail

reports="$(mktemp -d "${RUNNER_TEMP:?}/seaworthy.XXXXXX")"
format=text
if [ "${SEAWORTHY_ANNOTATIONS:-true}" = true ]; then format=github; fi

set -- check "--format=$format" "--fail-on=${SEAWORTHY_FAIL_ON:?}" "--profile=${SEAWORTHY_PROFILE:?}" \
  "--output=sarif=$reports/seaworthy.sarif" "--output=json=$reports/seaworthy.json" "--output=summary=$reports/summary.md"
if [ -n "${SEAWORTHY_CONFIG:-}" ]; then set -- "$@" "--config=$SEAWORTHY_CONFIG"; fi

cd "${SEAWORTHY_DIR:?}"
code=0
"${SEAWORTHY:?}" "$@" -- "${SEAWORTHY_PATH:?}" || code=$?

# count prints a number out of the "counts" of the JSON report.
count() {
  if [ -f "$reports/seaworthy.json" ]; then
    sed -n '/^  "counts": {/,/^  }/s/^    "'"$1"'": \([0-9]*\),*$/\1/p' "$reports/seaworthy.json"
  fi
}
errors=$(count errors) warnings=$(count warnings) notes=$(count notes)
{
  echo "exit-code=$code"
  echo "errors=${errors:-0}"
  echo "warnings=${warnings:-0}"
  echo "notes=${notes:-0}"
  echo "findings=$((${errors:-0} + ${warnings:-0} + ${notes:-0}))"
  if [ -f "$reports/seaworthy.sarif" ]; then echo "sarif-file=$reports/seaworthy.sarif"; fi
  if [ -f "$reports/seaworthy.json" ]; then echo "json-file=$reports/seaworthy.json"; fi
} >> "${GITHUB_OUTPUT:?}"
if [ -f "$reports/summary.md" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
fi
