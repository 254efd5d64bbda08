using System.Text;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// Looks for secrets in bytes, as they are and in the spellings in which they could get somewhere by accident: base64 at any offset, hex,
/// percent signs, JSON and XML escapes.
/// </summary>
internal sealed class SecretSearch
{
    private readonly List<(string Name, byte[] Bytes)> _spellings = [];

    /// <param name="secrets">What each is, for the message: a test must not print what it looks for either.</param>
    public SecretSearch(params (string Name, string Secret)[] secrets)
    {
        foreach (var (name, secret) in secrets)
        {
            Assert.True(secret.Length >= 8, $"{name} is too short to be looked for");
            var bytes = Encoding.UTF8.GetBytes(secret);
            Add(name, secret);
            Add(name + " in hex", Convert.ToHexString(bytes));
            Add(name + " in hex", Convert.ToHexStringLower(bytes));
            Add(name + " for a URL", Uri.EscapeDataString(secret));
            Add(name + " for a URL", System.Net.WebUtility.UrlEncode(secret));
            Add(name + " in JSON", System.Text.Json.JsonEncodedText.Encode(secret).ToString());
            Add(name + " in XML", System.Net.WebUtility.HtmlEncode(secret));
            for (var offset = 0; offset < 3; offset++)
            {
                // What stands before and after it changes the first and the last characters; those between are its own.
                var text = Convert.ToBase64String([.. new byte[offset], .. bytes]).TrimEnd('=');
                var own = text[(offset == 0 ? 0 : offset + 1)..^1];
                Add(name + " in base64", own);
                Add(name + " in base64 for URLs", own.Replace('+', '-').Replace('/', '_'));
            }
        }
    }

    /// <summary>What was found, by name; null when nothing was.</summary>
    public string? FindIn(ReadOnlySpan<byte> bytes)
    {
        foreach (var (name, spelling) in _spellings)
        {
            if (bytes.IndexOf(spelling) >= 0) return name;
        }
        return null;
    }

    public void RequireNothingIn(string what, ReadOnlySpan<byte> bytes)
    {
        if (FindIn(bytes) is { } found) Assert.Fail($"{what} holds {found}");
    }

    public void RequireNothingIn(string what, string text) => RequireNothingIn(what, Encoding.UTF8.GetBytes(text));

    /// <summary>Below the folder, relative to it.</summary>
    public List<string> FilesWith(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => FindIn(File.ReadAllBytes(file)) is not null)
            .Select(file => Path.GetRelativePath(folder, file))
    ];

    private void Add(string name, string spelling) => _spellings.Add((name, Encoding.UTF8.GetBytes(spelling)));
}

/// <summary>Keeps every byte that a server answers: headers and bodies.</summary>
internal sealed class AnswerRecorder(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly MemoryStream _answers = new();

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Answers => _answers.GetBuffer().AsSpan(0, (int)_answers.Length);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        lock (_answers)
        {
            Count++;
            _answers.Write(Encoding.UTF8.GetBytes($"{answer.Headers}{answer.Content.Headers}"));
            _answers.Write(body);
        }
        var kept = new ByteArrayContent(body);
        foreach (var header in answer.Content.Headers) kept.Headers.TryAddWithoutValidation(header.Key, header.Value);
        answer.Content = kept;
        return answer;
    }
}
