#!/usr/bin/env bash
# Measures this store against other programs on this machine: build/bench.sh [--quick] [NAME...]; see docs/BENCHMARKS.md.
# Needs bin/artifactstore (make build); peers that are not installed (make deps) are left out.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build tests/Benchmarks --configuration Release --nologo --verbosity quiet
exec tests/Benchmarks/bin/embedded/Release/net10.0/ArtifactStore.Benchmarks "$@"
