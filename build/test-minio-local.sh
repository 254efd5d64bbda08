#!/usr/bin/env bash
# The suite of the S3 backend on a throw-away MinIO: pinned image, keys of this run only, on loopback, gone afterwards.
# Pinned by its tag, so that two runs test the same; MINIO_IMAGE names another. What is known of MinIO stands in docs/LANDSCAPE.md.
set -euo pipefail
cd "$(dirname "$0")/.."
image=${MINIO_IMAGE:-minio/minio:RELEASE.2025-09-07T16-13-09Z}
engine=${CONTAINER_ENGINE:-docker}
if ! "$engine" info >/dev/null 2>&1; then
  echo "test-minio-local: no Docker engine answers here, so nothing was tested"
  exit 0
fi
access=test$(openssl rand -hex 8)
secret=$(openssl rand -hex 24)
container=$("$engine" run --detach --rm --publish 127.0.0.1::9000 --env "MINIO_ROOT_USER=$access" --env "MINIO_ROOT_PASSWORD=$secret" \
  --entrypoint sh "$image" -c 'mkdir -p /data/artifactstore-test && exec minio server /data')
trap '"$engine" rm --force "$container" >/dev/null' EXIT
address=$("$engine" port "$container" 9000/tcp | head -n 1)
for _ in $(seq 1 150); do
  if curl --silent --fail --output /dev/null "http://$address/minio/health/live"; then break; fi
  sleep 0.2 # until it answers: it says nowhere else that it is ready
done
export ARTIFACTSTORE_MINIO_ENDPOINT_URL="http://$address" ARTIFACTSTORE_MINIO_BUCKET=artifactstore-test
export ARTIFACTSTORE_MINIO_ACCESS_KEY=$access ARTIFACTSTORE_MINIO_SECRET_KEY=$secret
make --no-print-directory test-minio
