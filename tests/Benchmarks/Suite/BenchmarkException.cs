namespace ArtifactStore.Benchmarks.Suite;

/// <summary>Something makes the number meaningless: a refusal, a tool that failed, a server that did not start.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
