using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// What went wrong in one call: whether trying again can help, whether other credentials can, whether these were good until they expired, and
/// one sentence for the operator that names the setting. The sentence is made of our own words, the endpoint, the bucket and the protocol's
/// error code only: what an endpoint writes into its answers can repeat a token, so neither its message nor the exception leaves this class.
/// </summary>
internal sealed record S3Failure(
    BlobFailure Kind, string Sentence, bool Retryable = false, bool AboutCredentials = false, bool Expired = false)
{
    private const string P = "ARTIFACTSTORE_S3_";

    public BlobStoreException ToException() => new(Kind, Sentence);

    public static S3Failure Of(Exception failure, S3Options options, string what)
    {
        var endpoint = options.Endpoint is { } given ? given.GetLeftPart(UriPartial.Authority) : $"of AWS in {options.Region}";
        return failure is AmazonServiceException answer && HasStatus(answer)
            ? OfAnswer(answer, endpoint, options.Bucket, what)
            : OfConnection(failure, endpoint, what);
    }

    /// <summary>Without one the answer never came: the client dresses lost connections alike.</summary>
    public static bool HasStatus(AmazonServiceException answer) => (int)answer.StatusCode > 0;

    public static bool IsAbsent(AmazonServiceException answer) =>
        answer.StatusCode == HttpStatusCode.NotFound && answer.ErrorCode is "NoSuchKey" or "NotFound" or "" or null;

    private static S3Failure OfAnswer(AmazonServiceException answer, string endpoint, string bucket, string what)
    {
        var who = $"The S3 endpoint {endpoint}";
        return Code(answer) switch
        {
            "NoSuchBucket" => Final($"{who} has no bucket '{bucket}': check {P}BUCKET and {P}ENDPOINT_URL."),
            "InvalidBucketName" => Final($"{who} takes '{bucket}' for no bucket name: check {P}BUCKET."),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
                Final($"{who} serves the bucket '{bucket}' in another region: check {P}REGION and {P}ENDPOINT_URL."),
            "InvalidAccessKeyId" => Credentials($"{who} does not know the access key: check {P}ACCESS_KEY_REF."),
            "SignatureDoesNotMatch" => Credentials($"{who} refuses the signature: check {P}SECRET_KEY_REF."),
            "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" =>
                Credentials($"{who} says that the credentials have expired: renew what {P}SESSION_TOKEN_REF and its two keys name.") with { Expired = true },
            "InvalidToken" or "InvalidClientTokenId" => Credentials($"{who} refuses the session token: check {P}SESSION_TOKEN_REF."),
            "RequestTimeTooSkewed" or "RequestExpired" =>
                Final($"{who} ({P}ENDPOINT_URL) has another time than this machine: set both clocks."),
            "QuotaExceeded" or "ServiceQuotaExceeded" or "XMinioStorageFull" or "InsufficientStorage" =>
                new(BlobFailure.Full, $"{who} has no more room in the bucket '{bucket}': raise its quota or change {P}BUCKET."),
            "InvalidStorageClass" => Final($"{who} does not have the storage class of {P}STORAGE_CLASS."),
            "InvalidEncryptionAlgorithmError" => Final($"{who} does not have the encryption of {P}SSE."),
            "SlowDown" or "TooManyRequests" or "RequestLimitExceeded" or "503" =>
                Passing($"{who} ({P}ENDPOINT_URL) asks to slow down and went on doing so: try again later."),
            var code when answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => Credentials(
                $"{who} refuses to {what} in the bucket '{bucket}' ({code}): check {P}ACCESS_KEY_REF and {P}SECRET_KEY_REF; "
                + "their owner must be allowed to get, put, delete and list there."),
            var code when MayPass(answer) => Passing($"{who} ({P}ENDPOINT_URL) failed to {what} and went on failing ({code})."),
            var code => Final($"{who} refuses to {what} in the bucket '{bucket}' ({(int)answer.StatusCode} {code}): check {P}ENDPOINT_URL."),
        };
    }

    private static S3Failure OfConnection(Exception failure, string endpoint, string what)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is SecretException secret) return Passing(secret.Message);
            if (inner is SocketException socket)
                return Passing($"The S3 endpoint {endpoint} cannot be reached ({socket.SocketErrorCode}): check {P}ENDPOINT_URL.");
            if (inner is System.Security.Authentication.AuthenticationException)
                return Final($"The certificate of the S3 endpoint {endpoint} is not trusted: check {P}ENDPOINT_URL and the system's authorities.");
            if (inner is OperationCanceledException)
                return Passing($"The S3 endpoint {endpoint} ({P}ENDPOINT_URL) did not {what} in time.");
        }
        return Passing($"The connection to the S3 endpoint {endpoint} ({P}ENDPOINT_URL) broke while it was to {what}.");
    }

    private static bool MayPass(AmazonServiceException answer) =>
        (int)answer.StatusCode is >= 500 or 408 or 409 or 429 or 200
        || answer is AmazonS3Exception { ErrorCode: "RequestTimeout" or "InternalError" or "OperationAborted" or "IncompleteBody" };

    /// <summary>An error code is one word; anything else did not come from an S3 endpoint.</summary>
    private static string Code(AmazonServiceException answer) =>
        answer.ErrorCode is { Length: > 0 and <= 64 } code && code.All(char.IsAsciiLetterOrDigit)
            ? code
            : ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static S3Failure Final(string sentence) => new(BlobFailure.Unavailable, sentence);

    private static S3Failure Passing(string sentence) => new(BlobFailure.Unavailable, sentence, Retryable: true);

    private static S3Failure Credentials(string sentence) => new(BlobFailure.Unavailable, sentence, AboutCredentials: true);
}
