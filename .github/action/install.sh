#!/usr/bin/env bash
# Says where seaworthy is: the binary of the release that this commit was made
# for, or one that is built from the source beside this script.
#
# What a release contains is fixed in the commit that its tag names: digests.txt
# holds the SHA-256 of its binaries, made by a build that anybody can repeat.
# Whoever can replace files of a release, or move a tag to it, changes nothing for
# those who pin the commit. The binary is compared at every use, also out of the
# cache of a runner that others have used before.
set -euo pipefail
# shellcheck source=.github/action/lib.sh
source "$(dirname "$0")/lib.sh"

here=$(cd "$(dirname "$0")" && pwd)
digests="$here/digests.txt"
releases="${SEAWORTHY_RELEASES:-https://github.com/goseaworthy/seaworthy/releases/download}"
version="${SEAWORTHY_VERSION:-}"

case "${RUNNER_OS:-$(uname -s)}" in
  Linux) os=linux ;;
  macOS | Darwin) os=darwin ;;
  Windows | MINGW* | MSYS*) os=windows ;;
  *) os=unknown ;;
esac
case "${RUNNER_ARCH:-$(uname -m)}" in
  X64 | x86_64) arch=amd64 ;;
  ARM64 | arm64 | aarch64) arch=arm64 ;;
  *) arch=unknown ;;
esac
suffix=""
if [ "$os" = windows ]; then suffix=.exe; fi

# digest prints the SHA-256 of a file, out of its bytes only: the tools write
# names with a backslash, as on Windows, in their own way.
digest() {
  if command -v sha256sum > /dev/null; then
    sha256sum < "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 < "$1" | cut -d ' ' -f 1
  fi
}

# The line of digests.txt is "DIGEST  seaworthy_VERSION_OS_ARCH".
released="" want=""
if [ -f "$digests" ]; then
  while read -r sum name; do
    case "$name" in
      seaworthy_v*_"${os}_$arch$suffix")
        want=$sum
        released=${name#seaworthy_}
        released=${released%"_${os}_$arch$suffix"}
        ;;
    esac
  done < "$digests"
fi

if [ "$version" != source ] && [ -n "$version" ] && [ "$version" != "$released" ]; then
  fail "This commit of the action knows ${released:-no release}, not $(printf '%s' "$version" | tr -cd 'A-Za-z0-9.+-'): use goseaworthy/seaworthy at the tag of the version, and leave the input version empty."
fi

if [ "$version" = source ] || [ -z "$want" ]; then
  bash "$here/build.sh"
  program="${RUNNER_TEMP:?}/seaworthy-build/seaworthy$suffix"
else
  folder="${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:?}}/seaworthy/$released/$arch"
  program="$folder/seaworthy$suffix"
  if [ ! -f "$program" ] || [ "$(digest "$program")" != "$want" ]; then
    mkdir -p "$folder"
    download=$(mktemp "$folder/download.XXXXXX")
    url="$releases/$released/seaworthy_${released}_${os}_$arch$suffix"
    if ! why=$(curl --fail --location --silent --show-error --proto '=https,http' --retry 3 --max-time 120 --output "$download" "$url" 2>&1); then
      rm -f "$download"
      fail "$url cannot be downloaded ($(printf '%s' "$why" | head -n 1)). SEAWORTHY_RELEASES may name a mirror; version: source builds seaworthy instead."
    fi
    got=$(digest "$download")
    if [ "$got" != "$want" ]; then
      rm -f "$download"
      fail "$url is not what was released: its SHA-256 is $got, and this commit of the action wants $want. Do not use it; please report it."
    fi
    chmod +x "$download"
    mv -f "$download" "$program"
  fi
fi
output program "$program"
output version "$("$program" version | sed -n 's/^seaworthy \(v[^ ]*\).*/\1/p')"
