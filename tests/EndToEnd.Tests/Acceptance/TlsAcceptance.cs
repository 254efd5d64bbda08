using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Acceptance;

/// <summary>TLS by certificate files, as another program made them.</summary>
public class TlsAcceptance
{
    [Fact]
    public async Task A_store_with_certificate_files_speaks_https_with_that_certificate()
    {
        using var folder = new TemporaryFolder();
        var (certificate, key) = await Certificate(folder);
        await using var store = await StoreProcess.Start(folder["data"].MakeFolder(), variables =>
        {
            variables["ARTIFACTSTORE_LISTEN"] = "https://127.0.0.1:0";
            variables["ARTIFACTSTORE_TLS_CERTIFICATE_FILE"] = certificate;
            variables["ARTIFACTSTORE_TLS_KEY_FILE"] = key;
        });
        Assert.Equal("https", store.Url.Scheme);

        using var pinned = X509CertificateLoader.LoadCertificateFromFile(certificate);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            shown is not null && pinned.RawData.AsSpan().SequenceEqual(shown.GetRawCertData());
        using var https = new HttpClient(handler) { BaseAddress = store.Url };
        https.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", StoreProcess.Token);
        Assert.NotEmpty(await https.CreatePackage());

        // A client that trusts only known authorities does not accept it, and a client without TLS gets nothing.
        await Assert.ThrowsAsync<HttpRequestException>(() => store.Http.GetAsync("/health"));
        using var plain = new HttpClient { BaseAddress = new UriBuilder(store.Url) { Scheme = "http" }.Uri };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync("/health"));
    }

    [Fact]
    public async Task A_key_of_another_certificate_stops_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var (certificate, _) = await Certificate(folder);
        var (_, otherKey) = await Certificate(folder, "other");
        var variables = StoreProcess.Variables(folder["data"].MakeFolder());
        variables["ARTIFACTSTORE_TLS_CERTIFICATE_FILE"] = certificate;
        variables["ARTIFACTSTORE_TLS_KEY_FILE"] = otherKey;
        var finished = await Execution.Run(StoreProcess.Executable, ["serve"], variables);
        Assert.True(finished.ExitCode is 1 or 2, finished.ToString());
        Assert.Contains("ARTIFACTSTORE_TLS_CERTIFICATE_FILE", finished.Errors);
        Assert.Single(finished.Errors.Trim().Split('\n'));
    }

    private static async Task<(string Certificate, string Key)> Certificate(TemporaryFolder folder, string name = "server")
    {
        if (!File.Exists("/usr/bin/openssl")) Tools.Missing("openssl is not installed");
        var made = await Execution.Shell(
            $"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 "
            + $"-keyout {folder[name + ".key"]} -out {folder[name + ".pem"]}");
        Assert.True(made.ExitCode == 0, made.ToString());
        return (folder[name + ".pem"], folder[name + ".key"]);
    }
}
