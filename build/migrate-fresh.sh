#!/usr/bin/env bash
# Throws the development store away. The bytes go with the database: a root that belongs to a vanished log would be refused.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${ARTIFACTSTORE_DATABASE_URL:-}" ] || grep -qsE '^(export )?ARTIFACTSTORE_(DATABASE_URL|STORAGE_LOCAL_ROOT)=.+' .env; then
  echo "migrate-fresh only throws ./var away; a database or a storage root is configured explicitly, so nothing was done." >&2
  exit 1
fi
rm -f var/artifactstore.db var/artifactstore.db-wal var/artifactstore.db-shm var/artifactstore.db.lock
rm -rf var/storage
exec bin/artifactstore migrate
