#!/usr/bin/env bash
# Builds seaworthy from the checkout of this action and says where it is.
#
# The job around it may have set GOOS, GOFLAGS=-mod=vendor, GOWORK or, as
# actions/setup-go does, GOTOOLCHAIN=local for a build of its own, in the
# environment or with go env -w. None of that is meant for this one; a proxy is.
set -euo pipefail

program="${RUNNER_TEMP:?}/seaworthy-build/seaworthy"
if [ "${RUNNER_OS:-}" = Windows ]; then program="$program.exe"; fi

if ! command -v go >/dev/null; then
  echo "::error title=seaworthy::There is no Go on this runner to build seaworthy with: add actions/setup-go before this step."
  exit 1
fi
cd "${GITHUB_ACTION_PATH:?}"
unset GOROOT GOARM GOAMD64 GOARM64 GOEXPERIMENT GODEBUG GO111MODULE
export GOWORK=off GOTOOLCHAIN=auto GOFLAGS=-mod=readonly CGO_ENABLED=0
GOOS=$(go env GOHOSTOS) GOARCH=$(go env GOHOSTARCH)
export GOOS GOARCH
if ! go build -trimpath -buildvcs=false -o "$program" ./cmd/seaworthy; then
  echo "::error title=seaworthy::seaworthy could not be built from its source; that takes Go 1.21 or newer and a module proxy."
  exit 1
fi
echo "program=$program" >> "${GITHUB_OUTPUT:?}"
