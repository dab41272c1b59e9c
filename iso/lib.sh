# Shared by the scripts of the image. Sourced, never run.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

readonly SUITE=trixie
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
ISO_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO_DIR=$(dirname "$ISO_DIR")
# The caches outlive a build; KEYCEREMONY_ISO_CACHE moves them, e.g. between checkouts in CI.
CACHE_DIR=${KEYCEREMONY_ISO_CACHE:-$REPO_DIR/artifacts/iso-cache}
# The locks that hold: the committed ones, or in CI a scratch set.
LOCK_DIR=${KEYCEREMONY_ISO_LOCK:-$ISO_DIR/lock}
readonly ISO_DIR REPO_DIR CACHE_DIR LOCK_DIR

say() { echo "iso: $*" >&2; }
die() { say "$*"; exit 1; }

# names LIST: the package names of a list, without reasons and comments.
names() { sed -e 's/#.*//' "$1" | awk 'NF { print $1 }'; }

# mirror LABEL: where apt on this machine gets Debian (label "Debian") or its security updates ("Debian-Security").
mirror_of_apt() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" 'Component: main' | sort -u | head -n 1
}

main_mirror() { local m=${MIRROR:-$(mirror_of_apt Debian)}; [ -n "$m" ] || die "apt knows no Debian mirror here. Give one: MIRROR=URL"; echo "${m%/}"; }

# With MIRROR alone, security updates are looked for beside it, where every full mirror has them.
security_mirror() {
  local m=${SECURITY_MIRROR:-}
  [ -n "$m" ] || m=${MIRROR:+${MIRROR%/}-security}
  [ -n "$m" ] || m=$(mirror_of_apt Debian-Security)
  [ -n "$m" ] || m=$(main_mirror)-security
  echo "${m%/}"
}

# Every package by its content: no name can hide other bytes, and all locks share one pool.
readonly POOL_DIR=$CACHE_DIR/pool
in_pool() { echo "$POOL_DIR/$1.deb"; }

# lock_value LOCK: what a cache made from this lock is named by.
lock_value() { sha256sum <"$LOCK_DIR/$1.lock" | cut -c 1-16; }

# repository LOCK DIRECTORY: the lock's packages as a flat repository for apt, with the stand-in beside them.
repository() {
  local name version architecture hash size file
  mkdir -p "$2"
  while read -r name version architecture hash size file; do
    cp --reflink=auto "$(in_pool "$hash")" "$2/$name.deb"
  done <"$LOCK_DIR/$1.lock"
  "$ISO_DIR/stand-in/make" "$2/keyceremony-stand-in.deb"
  for file in "$2"/*.deb; do
    dpkg-deb --field "$file"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$(basename "$file")" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
  done >"$2/Packages"
}

# install_repository LOCK DIRECTORY ROOT: a system of exactly the lock's packages, made without any network.
install_repository() {
  local packages
  packages=$(awk '{ printf "%s=%s,", $1, $2 }' "$LOCK_DIR/$1.lock")
  shift
  mmdebstrap --mode=root --variant=custom --format=directory --include="$packages${3:-}" --skip=check/empty \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --setup-hook='for d in bin sbin lib lib64; do mkdir -p "$1/usr/$d"; ln -s "usr/$d" "$1/$d"; done' \
    "$SUITE" "$2" "deb [trusted=yes] copy://$1 ./" >"$2.log" 2>&1 || { tail -n 40 "$2.log" >&2; die "the packages cannot be installed"; }
}

# What the image is made from: pathspecs of git. A page of the handbook, or the values of a published build, make no other
# image.
readonly IMAGE_SOURCES=(src ceremony-scripts iso Directory.Build.props Directory.Packages.props global.json ':!src/Receiver' ':!iso/expected' ':!iso/*.md')
