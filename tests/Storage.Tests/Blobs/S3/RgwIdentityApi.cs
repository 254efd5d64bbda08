using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>
/// The part of the IAM protocol that Ceph RGW has for identity providers, and that its command line has not: a form, signed with version 4 of
/// the AWS signature.
/// </summary>
internal static class RgwIdentityApi
{
    private const string Region = "us-east-1";
    private const string Service = "iam";
    private const string SignedHeaders = "content-type;host;x-amz-date";
    private const string FormType = "application/x-www-form-urlencoded";

    public static async Task Call(RgwServer server, Dictionary<string, string> fields)
    {
        var form = string.Join('&', fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
        var time = S3Bucket.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Endpoint) { Content = new StringContent(form) };
        request.Content.Headers.ContentType = new(FormType);
        request.Headers.Add("x-amz-date", time);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization(server.Endpoint.Authority, time, form));
        using var http = new HttpClient();
        using var answer = await http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static string Authorization(string host, string time, string form)
    {
        var scope = $"{time[..8]}/{Region}/{Service}/aws4_request";
        var request = $"POST\n/\n\ncontent-type:{FormType}\nhost:{host}\nx-amz-date:{time}\n\n{SignedHeaders}\n{Hash(form)}";
        var key = Encoding.UTF8.GetBytes("AWS4" + RgwServer.SecretKey);
        foreach (var step in scope.Split('/')) key = Sign(key, step);
        var signature = Convert.ToHexStringLower(Sign(key, $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hash(request)}"));
        return $"AWS4-HMAC-SHA256 Credential={RgwServer.AccessKey}/{scope}, SignedHeaders={SignedHeaders}, Signature={signature}";
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] Sign(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
