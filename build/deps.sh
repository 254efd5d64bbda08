#!/usr/bin/env bash
# Debian packages that tests and benchmarks use: independent oracles, real clients and servers. Nothing is started:
# a temporary policy-rc.d refuses it for the length of this script.
set -euo pipefail
packages=(b3sum python3-cbor2 openssl strace docker-registry wrk sqlite3 e2fsprogs util-linux postgresql-15 radosgw ceph-mon ceph-osd awscli spin gcc libc6-dev)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)" = "ii " ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "deps: all ${#packages[@]} packages are installed"
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "deps: run as root; missing: ${missing[*]}" >&2
  exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  trap 'rm -f '$policy EXIT
fi
# Tests make PostgreSQL clusters of their own; the package shall not make one.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=120 update -qq
apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
echo "deps: installed ${missing[*]}"
