#!/usr/bin/env bash
# Builds seaworthy from the source beside this script into
# $RUNNER_TEMP/seaworthy-build.
#
# The job around it may have set GOOS, GOFLAGS=-mod=vendor, GOWORK or, as
# actions/setup-go does, GOTOOLCHAIN=local for a build of its own, in the
# environment or with go env -w. None of that is meant for this one; a proxy is.
set -euo pipefail
# shellcheck source=.github/action/lib.sh
source "$(dirname "$0")/lib.sh"

program="${RUNNER_TEMP:?}/seaworthy-build/seaworthy"
if [ "${RUNNER_OS:-}" = Windows ]; then program="$program.exe"; fi

if ! command -v go > /dev/null; then
  fail "There is no Go on this runner to build seaworthy with: add actions/setup-go before this step, or use a release."
fi
cd "$(dirname "$0")/../.."
unset GOROOT GOARM GOAMD64 GOARM64 GOEXPERIMENT GODEBUG GO111MODULE
export GOWORK=off GOTOOLCHAIN=auto GOFLAGS=-mod=readonly CGO_ENABLED=0
GOOS=$(go env GOHOSTOS) GOARCH=$(go env GOHOSTARCH)
export GOOS GOARCH
if ! go build -trimpath -buildvcs=false -o "$program" ./cmd/seaworthy; then
  fail "seaworthy could not be built from its source; that takes Go 1.21 or newer and a module proxy."
fi
