#!/usr/bin/env bash
# Annotates, and ends the action as the run has ended.
set -euo pipefail
# shellcheck source=.github/action/lib.sh
source "$(dirname "$0")/lib.sh"

uploaded=false
if [ "${UPLOADED:-}" = success ]; then uploaded=true; fi

if [ "${SEAWORTHY_ANNOTATIONS:?}" != false ] && [ -n "${JSON:-}" ]; then
  cd "${ROOT:?}"
  "${SEAWORTHY:?}" report "--from=$JSON" --format=github "--uploaded=$uploaded" > "$JSON.annotations" 2> "$JSON.log" || CODE=2
  if [ -s "$JSON.log" ]; then quietly cat "$JSON.log"; fi
  # What follows the annotations is the rest of the findings, which the log has.
  sed '/^::stop-commands::/,$d' "$JSON.annotations"
fi
if [ "${UPLOADED:-}" = failure ]; then
  if [ "${SEAWORTHY_UPLOAD:?}" = true ]; then
    echo "::error title=seaworthy::The upload to code scanning failed, and upload-sarif is true."
    if [ "${CODE:-2}" = 0 ]; then exit 2; fi
  else
    echo "::warning title=seaworthy::The upload to code scanning failed; upload-sarif: false would not try it."
  fi
fi
case "${CODE:-}" in
  0) ;;
  3) echo "::notice title=seaworthy::Nothing to check: no Go module, image, service or workflow file was found." ;;
  2) fail "seaworthy could not run: see above." ;;
  *) exit "${CODE:-2}" ;;
esac
