using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

/// <summary>Credentials and clocks that are wrong must be refused, and lead to the sentence that tells the operator what to set.</summary>
internal sealed partial class S3RefusalLines(S3ProbeBench bench, TimeProvider time)
{
    private const string P = "ARTIFACTSTORE_S3_";
    private static readonly TimeSpan Skew = TimeSpan.FromHours(2);

    public (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] All =>
        [("sts", Sts), ("wrong-key", WrongKey), ("wrong-secret", WrongSecret), ("clock-skew", ClockSkew)];

    /// <summary>Every line before it went out with keys from there; asked again they must be given again.</summary>
    private async Task<S3Verdict> Sts(CancellationToken cancellation)
    {
        if (bench.Endpoint.Options.Credentials is not S3CredentialSource.WebIdentity)
            return S3Verdict.Skipped($"{P}WEB_IDENTITY_TOKEN_FILE is not set");
        await bench.Endpoint.Credentials.Renew(cancellation);
        await bench.Endpoint.Examine(cancellation);
        return S3Verdict.Pass("keys are given for the identity token, and work");
    }

    private Task<S3Verdict> WrongKey(CancellationToken cancellation) =>
        Refused(new BasicAWSCredentials("ARTIFACTSTOREPROBE00", "no-secret-of-anybody"), "ACCESS_KEY_REF", "an unknown access key", cancellation);

    private async Task<S3Verdict> WrongSecret(CancellationToken cancellation)
    {
        var keys = await bench.Endpoint.Credentials.GetCredentialsAsync();
        const string other = "not-the-secret-of-this-key";
        AWSCredentials wrong = string.IsNullOrEmpty(keys.Token)
            ? new BasicAWSCredentials(keys.AccessKey, other)
            : new SessionAWSCredentials(keys.AccessKey, other, keys.Token);
        return await Refused(wrong, "SECRET_KEY_REF", "a wrong secret", cancellation);
    }

    private async Task<S3Verdict> Refused(AWSCredentials keys, string setting, string what, CancellationToken cancellation)
    {
        using var client = new AmazonS3Client(keys, S3Endpoint.Configuration(bench.Endpoint.Options));
        var request = new ListObjectsV2Request { BucketName = bench.Bucket, Prefix = bench.Root, MaxKeys = 1 };
        return await Sentence(
            () => client.ListObjectsV2Async(request, cancellation), P + setting, what,
            S3Verdict.Fail($"{what} is accepted: anybody can read and write there"));
    }

    private async Task<S3Verdict> ClockSkew(CancellationToken cancellation) =>
        await Sentence(
            () => ListAt(time.GetUtcNow() - Skew, cancellation), "set both clocks", "a request signed two hours ago",
            S3Verdict.Ignored("a request signed two hours ago is accepted; what was listened to on the way can be sent again"));

    private async Task<S3Verdict> Sentence(Func<Task> request, string words, string what, S3Verdict accepted)
    {
        try
        {
            await request();
        }
        catch (AmazonServiceException answer) when (S3Failure.HasStatus(answer) && (int)answer.StatusCode is >= 400 and < 500)
        {
            var sentence = S3Failure.Of(answer, bench.Endpoint.Options, "list the objects").Sentence;
            var code = $"{(int)answer.StatusCode} {answer.ErrorCode}";
            return sentence.Contains(words, StringComparison.Ordinal)
                ? S3Verdict.Pass($"{code}: the sentence says \"{words}\"")
                : S3Verdict.Ignored($"{what} is refused with {code}, so the sentence is a general one");
        }
        return accepted;
    }

    /// <summary>
    /// A listing signed for another time. The client takes its time from the machine, for all its users at once, so this one request is
    /// signed here (Signature Version 4, "Create a signed AWS API request").
    /// </summary>
    private async Task ListAt(DateTimeOffset now, CancellationToken cancellation)
    {
        var options = bench.Endpoint.Options;
        var keys = await bench.Endpoint.Credentials.GetCredentialsAsync();
        var root = options.Endpoint ?? new Uri($"https://s3.{options.Region}.amazonaws.com");
        var path = $"/{bench.Bucket}";
        var query = $"list-type=2&max-keys=1&prefix={Uri.EscapeDataString(bench.Root)}";
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{date[..8]}/{options.Region}/s3/aws4_request";
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = root.IsDefaultPort ? root.Host : $"{root.Host}:{root.Port}",
            ["x-amz-content-sha256"] = Hex(SHA256.HashData([])),
            ["x-amz-date"] = date,
        };
        if (!string.IsNullOrEmpty(keys.Token)) headers["x-amz-security-token"] = keys.Token;
        var names = string.Join(';', headers.Keys);
        var canonical = $"GET\n{path}\n{query}\n{string.Concat(headers.Select(one => $"{one.Key}:{one.Value}\n"))}\n{names}\n{headers["x-amz-content-sha256"]}";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + keys.SecretKey);
        foreach (var step in scope.Split('/')) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        var signature = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, $"{path}?{query}"));
        foreach (var (name, value) in headers.Where(one => one.Key != "host")) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential={keys.AccessKey}/{scope}, SignedHeaders={names}, Signature={signature}");
        using var answer = await http.SendAsync(request, cancellation);
        if (answer.IsSuccessStatusCode) return;
        var code = ErrorCode().Match(await answer.Content.ReadAsStringAsync(cancellation)).Groups["code"].Value;
        throw new AmazonS3Exception("") { StatusCode = answer.StatusCode, ErrorCode = code };
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex("<Code>(?<code>[A-Za-z0-9]{1,64})</Code>", RegexOptions.None, 1000)]
    private static partial Regex ErrorCode();
}
