#!/usr/bin/env bash
# `make run`: the store with a development token, made once and kept readable by its owner only. The server itself never invents one.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${ARTIFACTSTORE_AUTH_TOKENS:-}" ] && ! grep -qsE '^(export )?ARTIFACTSTORE_AUTH_TOKENS=.+' .env; then
  mkdir -p var
  [ -s var/dev-token ] || (umask 077 && od -An -tx1 -N24 /dev/urandom | tr -d ' \n' >var/dev-token)
  chmod 600 var/dev-token
  ARTIFACTSTORE_AUTH_TOKENS="dev=$(cat var/dev-token)"
  export ARTIFACTSTORE_AUTH_TOKENS
  cat <<TEXT

  A development token is in var/dev-token. Three commands to try in another terminal:

    export ARTIFACTSTORE_API_TOKEN=\$(cat var/dev-token)
    bin/artifactstore push docs --producer me --subject first-push --retention-class transient
    bin/artifactstore ls

  The interactive page of the API: ${ARTIFACTSTORE_API_URL:-http://127.0.0.1:8000}/docs

TEXT
fi
exec bin/artifactstore serve
