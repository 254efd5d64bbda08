#!/usr/bin/env bash
# Builds the solution once and runs every test project, one after the other (they measure and start real processes; two cores are few).
# With the full counts the end-to-end suite runs on each kind of deployment and on each kind of backends, otherwise on SQLite and a local
# directory only, with the acceptance tests once more on S3. Tests that name a deployment or backends themselves, and those about the local
# disk itself (Needs=local), run once in either case. Prints a line a project, and closes
# with what failed and the sum.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
started=$(date +%s)
dotnet build ArtifactStore.sln --configuration "$configuration" --nologo --verbosity quiet || exit 1
echo "flavour: embedded; counts: ${ARTIFACTSTORE_TEST_SCALE:-a tenth}"

passed=0 failed=0 skipped=0 broken=0
failures=$(mktemp)
trap 'rm -f "$failures"' EXIT
run() { # project, deployment, backends, filter, further arguments
  local project=$1 deployment=$2 backends=$3 filter=$4 name log status line p f s
  shift 4
  name=$(basename "$project")
  log=$(mktemp)
  ARTIFACTSTORE_TEST_STORE=$deployment ARTIFACTSTORE_TEST_BACKENDS=$backends \
    dotnet test "$project" --configuration "$configuration" --no-build --nologo --verbosity quiet --logger "console;verbosity=minimal" --filter "$filter" "$@" 2>&1 | tee "$log" | grep -vE '^\s*$'
  status=${PIPESTATUS[0]}
  line=$(grep -E '^(Passed!|Failed!|Skipped!)' "$log" | tail -1)
  # What failed and why, without the traces.
  sed -nE '/^\s*Failed .*\[/,/^\s*(Stack Trace|Standard Output|Passed!|Failed!)/p' "$log" | grep -vE '^\s*(Stack Trace|Standard Output|Failed!|$)' >>"$failures"
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
  run "$project" sqlite local "$all" "$@"
done
if [ "${ARTIFACTSTORE_TEST_SCALE:-}" = full ]; then
  shared='FullyQualifiedName!~.Cluster.&FullyQualifiedName!~.Collector.&FullyQualifiedName!~.Backups.&FullyQualifiedName!~.Benchmarks.&FullyQualifiedName!~PowerLoss&FullyQualifiedName!~FullDisk'
  for deployment in postgres cluster; do
    echo "end-to-end on $deployment:"
    run tests/EndToEnd.Tests "$deployment" local "$shared" "$@"
  done
  elsewhere='FullyQualifiedName!~.Storage.&FullyQualifiedName!~.Collector.&FullyQualifiedName!~.Benchmarks.&Needs!=local'
  for backends in s3 both; do
    echo "end-to-end on $backends:"
    run tests/EndToEnd.Tests sqlite "$backends" "$elsewhere" "$@"
  done
else
  echo "acceptance on s3:"
  run tests/EndToEnd.Tests sqlite s3 'Needs!=local&(FullyQualifiedName~Acceptance.CommandLine|FullyQualifiedName~Acceptance.Library)' "$@"
fi
cat "$failures"
echo "took $(($(date +%s) - started)) s"
echo "$passed passed, $((failed + broken)) failed, $skipped skipped"
[ $((failed + broken)) -eq 0 ] && [ "$passed" -gt 0 ]
