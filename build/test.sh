#!/usr/bin/env bash
# Builds the solution once and runs every test project, one after the other (they measure and start real processes; two cores are few).
# Prints a line a project and closes with the sum.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
started=$(date +%s)
dotnet build ArtifactStore.sln --configuration "$configuration" --nologo --verbosity quiet || exit 1
echo "flavour: embedded; counts: ${ARTIFACTSTORE_TEST_SCALE:-a tenth}"

passed=0 failed=0 skipped=0 broken=0
for project in tests/*.Tests; do
  name=$(basename "$project")
  log=$(mktemp)
  dotnet test "$project" --configuration "$configuration" --no-build --nologo --verbosity quiet "$@" 2>&1 | tee "$log" | grep -vE '^\s*$'
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
done
echo "took $(($(date +%s) - started)) s"
echo "$passed passed, $((failed + broken)) failed, $skipped skipped"
[ $((failed + broken)) -eq 0 ] && [ "$passed" -gt 0 ]
