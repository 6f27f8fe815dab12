# shellcheck shell=bash disable=SC2034
# What Torc needs from Debian 12, and a function that installs what is missing of it.

# To build and start the server.
build_packages=(
  g++ cmake ninja-build pkg-config ccache
  libuv1-dev liburing-dev libjemalloc-dev libabsl-dev libxxhash-dev liblzf-dev liblz4-dev libzstd-dev libssl-dev
  liblua5.1-0-dev lua-cjson-dev
)
# To check it as well: tests, the peer they compare with, format and lint.
check_packages=(
  "${build_packages[@]}"
  git python3 openssl doctest-dev libhiredis-dev redis-server redis-tools
  python3-redis python3-rq python3-django-redis php-cli php-redis php-predis php-symfony-cache
  php-illuminate-redis php-illuminate-cache php-illuminate-queue prometheus-redis-exporter
  clang-format-14 clang-tidy-14 clang-14
)

# To try client libraries of other languages, beside the few above that are small: utils/check full. Debian's npm is
# some 350 packages, so a Node.js that came from elsewhere is left as it is.
ecosystem_packages=(python3-celery ruby ruby-redis ruby-sidekiq golang-go golang-github-gomodule-redigo-dev)
command -v node >/dev/null && command -v npm >/dev/null || ecosystem_packages+=(nodejs npm)

# use_build_folder: everything is built below build/ of the current folder; says so when it cannot be.
use_build_folder() {
  mkdir -p build 2>/dev/null && [[ -w build ]] && return 0
  echo "error: $PWD/build cannot be written to by $(id -un). Use a checkout of your own: git clone $PWD" >&2
  return 1
}

# What a command needs before it to be run by root: nothing, or sudo.
as_root=()

# missing_packages NAME...: those that are not installed, one a line.
missing_packages() {
  local name
  for name in "$@"; do
    case $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) in
      installed) ;;
      *) echo "$name" ;;
    esac
  done
}

# install_packages NAME...: makes sure that all are installed. Does nothing, and needs no permission, when they are.
# On failure says what to run by hand and returns 1.
install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "error: no apt-get here. Torc is built on Debian 12; elsewhere install the equivalents of: $*" >&2
    return 1
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) && return 0
  echo "installing: ${missing[*]}"
  as_root=()
  if ! is_root; then
    if ! can_sudo; then
      echo "error: these packages are missing, and installing them needs root (or sudo). As root, run:" >&2
      echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  apt_install "${missing[@]}" && return 0
  # A bare machine has no package lists yet; an old one has stale ones.
  apt_run update || echo "warning: the package lists could not be refreshed" >&2
  apt_install "${missing[@]}" && return 0
  echo "error: apt-get could not install: ${missing[*]} (its own message is above)" >&2
  return 1
}

is_root() { ((EUID == 0)); }

# Whether sudo works: silently, or by asking when somebody is there to answer.
can_sudo() {
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null && return 0
  [[ -t 0 && -z ${CI:-} ]] && sudo -v
}

apt_run() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Debian starts a service when its package is installed. A redis-server on port 6379 is not what was asked for
# (and would take Torc's port), so Debian's own switch for that is set meanwhile.
apt_install() {
  local policy=${policy_file:-/usr/sbin/policy-rc.d} result=0
  if [[ -e $policy ]]; then
    apt_run install -y --no-install-recommends "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null &&
    "${as_root[@]}" chmod 755 "$policy"
  # shellcheck disable=SC2064  # the path as it is now
  trap "${as_root[*]} rm -f '$policy'" EXIT
  apt_run install -y --no-install-recommends "$@" || result=$?
  "${as_root[@]}" rm -f "$policy"
  trap - EXIT
  return "$result"
}
