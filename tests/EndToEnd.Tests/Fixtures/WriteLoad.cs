using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>One answered write: whoever got this answer must find these bytes for ever.</summary>
internal sealed record Answered(string Package, string Path, string Sha256, int Size);

/// <summary>
/// Clients that put files as fast as they are answered and remember every answer, until the store dies under them. Some bytes repeat, so
/// that both new contents and references to known ones are in flight when it happens.
/// </summary>
internal sealed class WriteLoad(int seed, int clients = 8)
{
    private readonly ConcurrentBag<Answered> _answers = [];
    private readonly ConcurrentDictionary<(string Package, string Path), (string Sha256, int Size)> _asked = [];
    private int _next;

    public IReadOnlyCollection<Answered> Answers => _answers;

    /// <summary>Everything that was ever sent, answered or not.</summary>
    public IReadOnlyDictionary<(string Package, string Path), (string Sha256, int Size)> Asked => _asked;

    /// <summary>A lost connection ends a client, unless it shall persist: then it goes on with another file until it is stopped.</summary>
    public async Task Run(HttpClient http, IReadOnlyList<string> packages, CancellationToken stop, bool persist = false)
    {
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Client(http, packages, client, persist, stop)));
    }

    private async Task Client(HttpClient http, IReadOnlyList<string> packages, int client, bool persist, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(seed, client, _next));
        while (!stop.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _next);
            var package = packages[random.Next(packages.Count)];
            var path = $"d{number % 10}/f{number}";
            var bytes = Bytes(random);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            _asked[(package, path)] = (sha256, bytes.Length);
            try
            {
                using var response = await http.PutFile(package, path, bytes, stop);
                if (response.StatusCode == HttpStatusCode.Created) _answers.Add(new(package, path, sha256, bytes.Length));
                else if ((int)response.StatusCode < 500) Assert.Fail($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(stop)}");
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                if (stop.IsCancellationRequested) return;
                if (persist) continue;
                if (e is not OperationCanceledException) return;
                throw;
            }
        }
    }

    /// <summary>One in four is a repeat of a few contents; one in sixteen is larger than what a stage keeps in memory.</summary>
    private static byte[] Bytes(Random random)
    {
        var kind = random.Next(16);
        if (kind < 4)
        {
            var repeated = new byte[1024];
            repeated.AsSpan().Fill((byte)random.Next(8));
            return repeated;
        }
        var bytes = new byte[kind == 15 ? 300_000 : random.Next(0, 4096)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Every answered write is there, byte for byte; every other is whole or absent.</summary>
    public static async Task Check(HttpClient http, IEnumerable<Answered> answers, IReadOnlyDictionary<(string Package, string Path), (string Sha256, int Size)> asked)
    {
        var wanted = answers.ToDictionary(a => (a.Package, a.Path));
        foreach (var package in wanted.Keys.Select(key => key.Package).Distinct().ToArray())
        {
            var files = await http.Files(package);
            foreach (var (key, answer) in wanted.Where(pair => pair.Key.Package == package))
            {
                Assert.True(files.ContainsKey(key.Path), $"an answered write is gone: {key}");
            }
            foreach (var (path, file) in files)
            {
                if (!asked.TryGetValue((package, path), out var sent)) continue;
                var bytes = await http.GetByteArrayAsync($"/files/{file.GetProperty("id").GetString()}/download");
                Assert.True(sent.Size == bytes.Length, $"{path}: {bytes.Length} bytes instead of {sent.Size}");
                Assert.Equal(sent.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            }
        }
    }
}
