using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>Roles of a Ceph RGW, and what its own token service gives to those who may take them.</summary>
internal static class RgwRoles
{
    private const string Everything = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}]}""";

    /// <summary>Of a role that may do everything with objects, taken by the main user.</summary>
    public static async Task<Amazon.SecurityToken.Model.Credentials> ShortLivedKeys(RgwServer server)
    {
        var role = await Create(
            server,
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/main"]},"Action":["sts:AssumeRole"]}]}""");
        using var sts = new AmazonSecurityTokenServiceClient(
            new BasicAWSCredentials(RgwServer.AccessKey, RgwServer.SecretKey),
            new AmazonSecurityTokenServiceConfig { ServiceURL = server.Endpoint.ToString(), AuthenticationRegion = "us-east-1" });
        return (await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = role, RoleSessionName = "test" })).Credentials;
    }

    /// <param name="server">Where the role is made.</param>
    /// <param name="trust">Who may take it; without spaces, RGW 16 does not read them.</param>
    /// <returns>The name by which it is asked for.</returns>
    public static async Task<string> Create(RgwServer server, string trust)
    {
        var role = $"store-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        await server.Admin("role", "create", $"--role-name={role}", $"--assume-role-policy-doc={trust}");
        await server.Admin("role-policy", "put", $"--role-name={role}", "--policy-name=all", $"--policy-doc={Everything}");
        return $"arn:aws:iam:::role/{role}";
    }
}
