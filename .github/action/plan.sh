#!/usr/bin/env bash
# Says whether the SARIF is uploaded. In doubt it is not: an upload that fails
# paints the run red, and a fork can do nothing about it.
set -euo pipefail
# shellcheck source=.github/action/lib.sh
source "$(dirname "$0")/lib.sh"

no() {
  echo "Not uploaded to code scanning: $1"
  output upload false
  exit 0
}

if [ "${SEAWORTHY_UPLOAD:?}" = false ]; then no "upload-sarif is false."; fi
if [ -z "${SARIF:-}" ] || [ ! -f "$SARIF" ]; then no "there is no report."; fi
if [ "$SEAWORTHY_UPLOAD" = auto ]; then
  case "${GITHUB_REF:-}" in
    refs/heads/gh-readonly-queue/*) no "the branch of a merge queue is gone before GitHub has processed it." ;;
    refs/tags/*) no "code scanning is about branches and pull requests." ;;
  esac
  case "${GITHUB_EVENT_NAME:-}" in
    push | schedule | workflow_dispatch) ;;
    pull_request)
      if [ "${HEAD_REPOSITORY:-}" != "${GITHUB_REPOSITORY:-}" ]; then no "a pull request from a fork has a token that only reads."; fi
      ;;
    *) no "the event is none of push, pull_request, schedule and workflow_dispatch." ;;
  esac
  if [ "${GITHUB_ACTOR:-}" = "dependabot[bot]" ]; then no "Dependabot has a token that only reads."; fi
  cd "${SEAWORTHY_DIR:?}"
  if ! why=$("${SEAWORTHY:?}" upload --dry-run "$SARIF" 2>&1); then
    quietly printf '%s\n' "$why"
    no "see above. upload-sarif: false says that this is as it should be."
  fi
fi
output upload true
