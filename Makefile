# The verbs of this project. `make run` and `make test` need nothing but the .NET SDK.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CONFIGURATION ?= Release
SILO := src/Silo/Silo.csproj

.PHONY: help run dev cluster build test test-long test-minio test-minio-local bench deps migrate migrate-fresh format format-check clean

help: ## list these verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: build ## build and start the store on http://127.0.0.1:8000 with its data in ./var
	@build/run-dev.sh

dev: run ## alias of run

build: ## leave the one executable at bin/artifactstore
	@dotnet publish $(SILO) --configuration $(CONFIGURATION) --output bin --nologo --verbosity quiet \
	  --use-current-runtime --no-self-contained -p:PublishReadyToRun=true
	@echo "built bin/artifactstore"

cluster: build ## three nodes of one store on PostgreSQL, on ports 8001 to 8003
	@build/cluster.sh

test: ## build everything and run every test, long ones at a tenth of their counts
	@build/test.sh

test-long: ## the same with the full counts
	@ARTIFACTSTORE_TEST_SCALE=full build/test.sh

bench: build ## measure against other programs on this machine and print docs/BENCHMARKS.md's tables
	@build/bench.sh

test-minio: ## the suite of the S3 backend on the endpoint that ARTIFACTSTORE_MINIO_* name (skipped without them)
	@dotnet test tests/Storage.Tests -c Release --nologo --filter FullyQualifiedName~S3GivenEndpoint

test-minio-local: ## the same on a throw-away MinIO of a pinned image, where a Docker engine runs
	@build/test-minio-local.sh

deps: ## (as root) install the Debian packages that tests and benchmarks use; starts no service
	@build/deps.sh

migrate: build ## bring the configured database to this version's schema
	@bin/artifactstore migrate

migrate-fresh: build ## drop ./var/artifactstore.db AND ./var/storage, then make them anew
	@build/migrate-fresh.sh

format: ## bring the code into the project's format
	@dotnet format ArtifactStore.sln --no-restore

format-check: ## fail when the code is not in the project's format
	@dotnet format ArtifactStore.sln --no-restore --verify-no-changes

clean: ## remove what was built; keeps ./var
	@rm -rf bin src/*/bin src/*/obj tests/*/bin tests/*/obj
