using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Sorts what S3 and its SDK throw into what a retry may mend and what it cannot, each with its remedy. The only place that does.</summary>
internal static class S3Failure
{
    // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    private static readonly string[] _wrongKey = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "TokenRefreshRequired", "InvalidSecurity", "AuthFailure"];
    private static readonly string[] _wrongRegion = ["AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException", "InvalidRegion", "AuthorizationQueryParametersError"];
    private static readonly string[] _passes = ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict", "BadDigest", "XAmzContentChecksumMismatch", "IncompleteBody", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests",
        // Said of what our own request, whose answer was lost, has done already; looked into before it comes here.
        "PreconditionFailed", "NoSuchUpload"];

    public static bool IsOne(Exception exception) =>
        exception is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException;

    /// <summary>Whether the object is there already, or is being written by somebody at this moment.</summary>
    public static bool IsTaken(AmazonS3Exception failure) => failure.StatusCode == HttpStatusCode.PreconditionFailed || failure.ErrorCode is "PreconditionFailed" or "ConditionalRequestConflict";

    public static bool IsMissingObject(AmazonS3Exception failure) => failure.StatusCode == HttpStatusCode.NotFound && failure.ErrorCode != "NoSuchBucket";

    /// <summary>Whether an upload in parts is gone: given up or completed already.</summary>
    public static bool IsMissingUpload(AmazonS3Exception failure) => failure.ErrorCode == "NoSuchUpload" || (failure.StatusCode == HttpStatusCode.NotFound && failure.ErrorCode != "NoSuchBucket");

    /// <summary>Whether trying again may help.</summary>
    public static bool IsTransient(Exception failure, S3Connection connection) => IsOne(failure) && Sort(failure, connection, "") is not FeedRejectedException;

    /// <param name="failure">What was thrown, not by the caller's own token.</param>
    /// <param name="connection">The store.</param>
    /// <param name="what">What was being done and to what, for example <c>s3://bucket/a.json cannot be stored</c>.</param>
    public static FeedException Sort(Exception failure, S3Connection connection, string what)
    {
        var options = connection.Options;
        // The reason comes first: the dashboard's list of retries shows the first fifty letters.
        FeedRejectedException Rejected(string remedy) => new($"{Reason(failure)}: {what}. {remedy}", failure);
        FeedException Failed(string reason, string remedy) => new($"{reason}: {what}. {remedy}", failure);

        return failure switch
        {
            AmazonServiceException answer when Remedy(answer, options) is { } remedy => Rejected(remedy),
            AmazonServiceException answer => Failed(Reason(answer), $"{Where(options)} is in trouble; see its own log when this lasts"),
            // Credentials that were there a moment ago are there again soon: their service has a hiccup.
            AmazonClientException none when IsAboutCredentials(none) && connection.ClockSkew is null => Rejected($"Set {options.Setting("AccessKeyId")} and {options.Setting("SecretAccessKey")}, or give this machine a role"),
            _ when options.Endpoint is null && IsUnknownHost(failure) => Rejected($"{options.Setting("Region")} is '{options.Region ?? "not set"}': name the region of bucket '{options.Bucket}'"),
            _ when IsTimeout(failure) => Failed($"no answer within {options.RequestTimeout.TotalSeconds:0} s from {Where(options)}", $"Check the network, or raise {options.Setting("RequestTimeoutSeconds")}"),
            _ => Failed($"no answer ({Reason(failure)})", $"Check that {Where(options)} runs, and {(options.Endpoint is null ? options.Setting("Region") : options.Setting("Endpoint"))}"),
        };
    }

    /// <returns>What to do about an answer that will stay the same; null when trying again may help.</returns>
    private static string? Remedy(AmazonServiceException answer, S3StoreOptions options) => answer.ErrorCode switch
    {
        var passes when _passes.Contains(passes) => null,
        var wrong when _wrongKey.Contains(wrong) => $"Check {options.Setting("AccessKeyId")} and {options.Setting("SecretAccessKey")}{(options.AccessKeyId is null ? ", or the machine's own role" : "")}",
        var wrong when _wrongRegion.Contains(wrong) => $"{options.Setting("Region")} is '{options.Region ?? "not set"}': name the region of bucket '{options.Bucket}'",
        "NoSuchBucket" => $"{options.Setting("Bucket")} is '{options.Bucket}': make the bucket, or name one that exists",
        "RequestTimeTooSkewed" => "This machine's clock is wrong: set it (timedatectl, chrony)",
        // What a HEAD says, which has no body to say more in.
        "Forbidden" => $"Check {options.Setting("AccessKeyId")} and {options.Setting("SecretAccessKey")}. {Rights(options)}",
        "AccessDenied" or "AllAccessDisabled" or "AccountProblem" => Rights(options),
        "QuotaExceeded" => $"Bucket '{options.Bucket}' is full: raise its quota, or remove old feeds from it",
        "EntityTooLarge" => "The provider takes no object of that size: lower CHUNK_SIZE (Feeds:FEED:ChunkSize)",
        "KeyTooLongError" or "KeyTooLong" => $"Shorten FEED_NAME (Feeds:FEED:Name) or {options.Setting("Prefix")}",
        "InvalidStorageClass" => $"{options.Setting("StorageClass")} is '{options.StorageClass}': name one that the provider has",
        { } key when key.StartsWith("KMS.", StringComparison.Ordinal) => $"{options.Setting("KmsKeyId")} is '{options.KmsKeyId ?? "not set"}': check the key and the right to use it (kms:GenerateDataKey)",
        _ => (int)answer.StatusCode switch
        {
            403 => Rights(options),
            301 or 307 => $"{options.Setting("Region")} is '{options.Region ?? "not set"}': name the region of bucket '{options.Bucket}'",
            404 => $"{options.Setting("Bucket")} is '{options.Bucket}': check that it exists, and {options.Setting("Endpoint")}",
            408 or 429 or 0 => null,
            501 => $"The provider lacks what was asked of it. Check {options.Setting("Provider")}",
            >= 400 and < 500 => $"Check {options.Setting("Endpoint")} and {options.Setting("Provider")}",
            _ => null,
        },
    };

    private static string Rights(S3StoreOptions options) =>
        $"Let the key {(options.AccessKeyId is null ? "" : $"'{options.AccessKeyId}' ")}use bucket '{options.Bucket}': s3:PutObject, s3:GetObject, s3:DeleteObject, s3:AbortMultipartUpload, s3:ListBucket";

    private static bool IsAboutCredentials(AmazonClientException failure) => failure.Message.Contains("redential", StringComparison.Ordinal);

    private static bool IsTimeout(Exception failure) => failure is TimeoutException or OperationCanceledException || (failure.InnerException is { } inner && IsTimeout(inner));

    private static bool IsUnknownHost(Exception failure) => failure is SocketException { SocketErrorCode: SocketError.HostNotFound } || (failure.InnerException is { } inner && IsUnknownHost(inner));

    private static string Where(S3StoreOptions options) => options.Address ?? $"S3 in {options.Region ?? "the default region"}";

    private static string Reason(Exception failure) => failure switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } answer when answer.InnerException is null || code != "0" => $"{code} ({(int)answer.StatusCode}){(answer.Message.Length > 0 && answer.Message != code && !answer.Message.StartsWith("Error making request", StringComparison.Ordinal) ? $" {OneLine(answer.Message)}" : "")}",
        { InnerException: { } inner } => Reason(inner),
        _ => OneLine(failure.Message),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.');
}
