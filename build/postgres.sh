#!/usr/bin/env bash
# A private PostgreSQL of the installed Debian package on loopback, for `make cluster`: build/postgres.sh start|stop. Its data is in
# /var/tmp/artifactstore-cluster-<user>, outside the clone, because the package's own user must be able to reach it when this runs as root.
# start prints the URL of the database and nothing else.
set -euo pipefail
data=${ARTIFACTSTORE_CLUSTER_POSTGRES:-/var/tmp/artifactstore-cluster-$(id -un)}
port=${ARTIFACTSTORE_CLUSTER_POSTGRES_PORT:-15433}
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
[ -x "$programs/postgres" ] || { echo "PostgreSQL is not installed: run 'make deps' as root, or set ARTIFACTSTORE_DATABASE_URL" >&2; exit 1; }

owner() {
  if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@"); else "$@"; fi
}

case ${1:-} in
start)
  if [ ! -f "$data/data/PG_VERSION" ]; then
    mkdir -p "$data"
    [ "$(id -u)" != 0 ] || chown postgres:postgres "$data"
    owner "$programs/initdb" -D "$data/data" -A trust -U artifactstore -E UTF8 --locale=C.UTF-8 >"/tmp/artifactstore-initdb.$$" 2>&1 ||
      { cat "/tmp/artifactstore-initdb.$$" >&2; exit 1; }
    rm -f "/tmp/artifactstore-initdb.$$"
  fi
  if ! "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; then
    owner "$programs/pg_ctl" -D "$data/data" -l "$data/log" -w -t 30 start \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" >/dev/null || { owner cat "$data/log" >&2; exit 1; }
  fi
  owner "$programs/psql" -h 127.0.0.1 -p "$port" -U artifactstore -d postgres -XqAt -c "SELECT 1 FROM pg_database WHERE datname = 'artifactstore'" |
    grep -q 1 || owner "$programs/createdb" -h 127.0.0.1 -p "$port" -U artifactstore artifactstore
  echo "postgresql://artifactstore@127.0.0.1:$port/artifactstore"
  ;;
stop)
  owner "$programs/pg_ctl" -D "$data/data" -m fast -w stop >/dev/null 2>&1 || true
  ;;
*)
  echo "usage: build/postgres.sh start|stop" >&2
  exit 2
  ;;
esac
