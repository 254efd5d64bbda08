#!/usr/bin/env bash
# Builds the solution once and runs every test project, one after the other (they measure and start real processes; two cores are few).
# With the full counts the end-to-end suite runs on each kind of deployment, otherwise on SQLite only; tests that name a deployment
# themselves run once in either case. Prints a line a project and closes with the sum.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
started=$(date +%s)
dotnet build ArtifactStore.sln --configuration "$configuration" --nologo --verbosity quiet || exit 1
echo "flavour: embedded; counts: ${ARTIFACTSTORE_TEST_SCALE:-a tenth}"

passed=0 failed=0 skipped=0 broken=0
run() { # project, deployment, filter, further arguments
  local project=$1 deployment=$2 filter=$3 name log status line p f s
  shift 3
  name=$(basename "$project")
  log=$(mktemp)
  ARTIFACTSTORE_TEST_STORE=$deployment dotnet test "$project" --configuration "$configuration" --no-build --nologo --verbosity quiet \
    --filter "$filter" "$@" 2>&1 | tee "$log" | grep -vE '^\s*$'
  status=${PIPESTATUS[0]}
  line=$(grep -E '^(Passed!|Failed!|Skipped!)' "$log" | tail -1)
  rm -f "$log"
  count() { sed -nE "s/.*$1: *([0-9]+).*/\1/p" <<<"$line"; }
  p=$(count Passed) f=$(count Failed) s=$(count Skipped)
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  if [ "$status" != 0 ] && [ "${f:-0}" = 0 ]; then
    echo "$name: the test run itself broke (exit $status)"
    broken=$((broken + 1))
  fi
}

# A suite for an endpoint that is given by variables is of no use without them (make test-minio).
all='Needs!=endpoint'
[ -z "${ARTIFACTSTORE_MINIO_ENDPOINT_URL:-}" ] || all='Needs!=nothing'
for project in tests/*.Tests; do
  run "$project" sqlite "$all" "$@"
done
if [ "${ARTIFACTSTORE_TEST_SCALE:-}" = full ]; then
  shared='FullyQualifiedName!~.Cluster.&FullyQualifiedName!~.Backups.&FullyQualifiedName!~.Benchmarks.&FullyQualifiedName!~PowerLoss&FullyQualifiedName!~FullDisk'
  for deployment in postgres cluster; do
    echo "end-to-end on $deployment:"
    run tests/EndToEnd.Tests "$deployment" "$shared" "$@"
  done
fi
echo "took $(($(date +%s) - started)) s"
echo "$passed passed, $((failed + broken)) failed, $skipped skipped"
[ $((failed + broken)) -eq 0 ] && [ "$passed" -gt 0 ]
