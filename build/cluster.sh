#!/usr/bin/env bash
# `make cluster`: three nodes of one store on this machine, on PostgreSQL, ready to use. Ctrl-C stops all of it; the data stays in var/cluster.
# ARTIFACTSTORE_DATABASE_URL names a PostgreSQL to use; without one, a private instance of the installed Debian package is run on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
ports=(8001 8002 8003)
data=$PWD/var/cluster
url=${ARTIFACTSTORE_DATABASE_URL:-}
mkdir -p "$data"

if [ -z "${ARTIFACTSTORE_AUTH_TOKENS:-}" ]; then
  [ -s var/dev-token ] || (umask 077 && od -An -tx1 -N24 /dev/urandom | tr -d ' \n' >var/dev-token)
  ARTIFACTSTORE_AUTH_TOKENS="dev=$(cat var/dev-token)"
  export ARTIFACTSTORE_AUTH_TOKENS
fi

pids=()
stop() {
  trap '' INT TERM
  [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null || true
  [ ${#pids[@]} -eq 0 ] || wait "${pids[@]}" 2>/dev/null || true
  [ -n "$url" ] || build/postgres.sh stop
}
trap 'exit 130' INT TERM
trap stop EXIT

database=$url
if [ -z "$database" ]; then
  database=$(build/postgres.sh start)
fi
for port in "${ports[@]}"; do
  ARTIFACTSTORE_DATABASE_URL=$database ARTIFACTSTORE_LISTEN=127.0.0.1:$port ARTIFACTSTORE_STORAGE_LOCAL_ROOT=$data/storage \
    ARTIFACTSTORE_NODE_NAME=node-$port bin/artifactstore serve >"$data/node-$port.log" 2>&1 &
  pids+=($!)
done
for port in "${ports[@]}"; do
  for _ in $(seq 300); do
    grep -qs '^listening on' "$data/node-$port.log" && continue 2
    kill -0 "${pids[@]}" 2>/dev/null || { cat "$data"/node-*.log >&2; exit 1; }
    sleep 0.1 # until the node says that it listens
  done
  echo "the node on port $port did not start; its log:" >&2
  cat "$data/node-$port.log" >&2
  exit 1
done
cat <<TEXT

  Three nodes on one store: http://127.0.0.1:${ports[0]} http://127.0.0.1:${ports[1]} http://127.0.0.1:${ports[2]}
  Their logs and bytes are in var/cluster. Push to one, list on another:

    export ARTIFACTSTORE_API_TOKEN=\$(cat var/dev-token)
    bin/artifactstore push docs --producer me --subject cluster --retention-class transient --api-url http://127.0.0.1:${ports[0]}
    bin/artifactstore ls --api-url http://127.0.0.1:${ports[1]}

  Ctrl-C stops them.

TEXT
wait -n "${pids[@]}" || true
echo "a node ended; stopping the others" >&2
exit 1
