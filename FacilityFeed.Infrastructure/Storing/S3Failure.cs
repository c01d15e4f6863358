using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Settings;

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

    /// <summary>Whether it came of a store's answer, or of none. The SDK stumbles over answers in many ways, so all that is not sorted yet is one.</summary>
    public static bool IsOne(Exception exception) => exception is not (FeedException or OutOfMemoryException);

    /// <summary>Whether the object is there already, or is being written by somebody at this moment.</summary>
    public static bool IsTaken(AmazonS3Exception failure) => failure.StatusCode == HttpStatusCode.PreconditionFailed || failure.ErrorCode is "PreconditionFailed" or "ConditionalRequestConflict";

    public static bool IsMissingObject(AmazonS3Exception failure) => failure.StatusCode == HttpStatusCode.NotFound && failure.ErrorCode != "NoSuchBucket";

    /// <summary>Whether an upload in parts is gone: given up or completed already.</summary>
    public static bool IsMissingUpload(AmazonS3Exception failure) => failure.ErrorCode == "NoSuchUpload" || (failure.StatusCode == HttpStatusCode.NotFound && failure.ErrorCode != "NoSuchBucket");

    /// <summary>Whether trying again at once may help. What took all of its time will take it again.</summary>
    public static bool IsHiccup(Exception failure, S3Connection connection) => IsOne(failure) && !IsTimeout(failure) && Sort(failure, connection, "") is not FeedRejectedException;

    /// <param name="failure">What was thrown, not by the caller's own token.</param>
    /// <param name="connection">The store.</param>
    /// <param name="what">What was being done and to what, for example <c>s3://bucket/a.json cannot be stored</c>.</param>
    /// <param name="feed">Key of the feed, for messages about its settings.</param>
    public static FeedException Sort(Exception failure, S3Connection connection, string what, string feed = PlainNames.DefaultFeed)
    {
        var options = connection.Options;
        // The reason comes first: the dashboard's list of retries shows the first fifty letters.
        FeedRejectedException Rejected(string reason, string remedy) => new($"{reason}: {what}. {remedy}", Cause(failure));
        FeedException Failed(string reason, string remedy) => new($"{reason}: {what}. {remedy}", Cause(failure));
        var slow = $"Check the network, or raise {options.Setting("RequestTimeoutSeconds")}";

        return failure switch
        {
            S3AnswerException { Fault: S3Fault.Elsewhere } answer => Rejected(answer.Message, $"Nothing was sent there. Name the right address in {options.Setting("Endpoint")}, or the bucket's own region in {options.Setting("Region")}"),
            S3AnswerException { Fault: S3Fault.Slow } answer => Failed(answer.Message, slow),
            // Credentials that were there a moment ago are there again soon: their service has a hiccup.
            _ when IsAboutCredentials(failure) && connection.ClockSkew is null => Rejected(Reason(failure), $"Set {options.Setting("AccessKeyId")} and {options.Setting("SecretAccessKey")}, mend the profile that AWS_PROFILE and the AWS configuration name, or give this machine a role"),
            _ when IsStrange(failure) => Failed(failure is S3AnswerException ? failure.Message : $"an answer that cannot be understood ({Reason(failure)})", $"Check that {Where(options)} is an S3 service, and what stands between"),
            AmazonServiceException answer when Remedy(answer, options, feed) is { } remedy => Rejected(Reason(answer), remedy),
            AmazonServiceException answer => Failed(Reason(answer), $"{Where(options)} is in trouble; see its own log when this lasts"),
            _ when options.Endpoint is null && IsUnknownHost(failure) => Rejected(Reason(failure), $"{options.Setting("Region")} is '{options.Region ?? "not set"}': name the region of bucket '{options.Bucket}'"),
            _ when IsTimeout(failure) => Failed($"no answer within {options.RequestTimeout.TotalSeconds:0} s from {Where(options)}", slow),
            _ => Failed($"no answer ({Reason(failure)})", $"Check that {Where(options)} runs, and {(options.Endpoint is null ? options.Setting("Region") : options.Setting("Endpoint"))}"),
        };
    }

    /// <returns>What to do about an answer that will stay the same; null when trying again may help.</returns>
    private static string? Remedy(AmazonServiceException answer, S3StoreOptions options, string feed) => answer.ErrorCode switch
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
        "EntityTooLarge" => $"The provider takes no object of that size: lower {PlainNames.OfFeed(feed, "ChunkSize")}",
        "KeyTooLongError" or "KeyTooLong" => $"Shorten {PlainNames.OfFeed(feed, "Name")} or {options.Setting("Prefix")}",
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
        $"Let the key {(options.AccessKeyId is not { } id || GivenText.MayHoldSecret(id) ? "" : $"{GivenText.Quoted(id)} ")}use bucket '{options.Bucket}': s3:PutObject, s3:GetObject, s3:DeleteObject, s3:AbortMultipartUpload, s3:ListBucket";

    // Found, or asked of a profile or a program, before anything is sent. Every request's stack has the SDK's search for them in it, but also its sending.
    private static bool IsAboutCredentials(Exception failure) => failure is not (AmazonServiceException or S3AnswerException or OperationCanceledException)
        && failure.ToString() is var whole && whole.Contains("redential", StringComparison.Ordinal) && !whole.Contains("Amazon.Runtime.Internal.HttpHandler", StringComparison.Ordinal);

    private static bool IsTimeout(Exception failure) => failure is TimeoutException or OperationCanceledException || (failure.InnerException is { } inner && IsTimeout(inner));

    /// <summary>Something came, but it is no answer of S3, or none that the SDK can make out.</summary>
    private static bool IsStrange(Exception failure) => failure switch
    {
        S3AnswerException or AmazonUnmarshallingException => true,
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => true,
        HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => true,
        // Nothing was wrong on the way: what came did not match.
        AmazonClientException { InnerException: null } unfit => !IsAboutCredentials(unfit),
        AmazonClientException or AmazonServiceException or HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException or AuthenticationException => false,
        _ => true,
    };

    private static bool IsUnknownHost(Exception failure) => failure is SocketException { SocketErrorCode: SocketError.HostNotFound } || (failure.InnerException is { } inner && IsUnknownHost(inner));

    private static string Where(S3StoreOptions options) => options.Address ?? $"S3 in {options.Region ?? "the default region"}";

    private static string Reason(Exception failure) => failure switch
    {
        AmazonServiceException { ErrorCode: null or "" or "0", StatusCode: not 0 and var status, InnerException: HttpErrorResponseException } => $"HTTP status {(int)status}",
        AmazonUnmarshallingException => $"{failure.InnerException?.GetType().Name ?? "of another shape"}{(failure.InnerException is { } why ? $": {OneLine(why.Message)}" : "")}",
        AmazonServiceException { ErrorCode: { Length: > 0 } code } answer when answer.InnerException is null || code != "0" => $"{ShownValue.Of(code)} ({(int)answer.StatusCode}){(answer.Message.Length > 0 && answer.Message != code && !answer.Message.StartsWith("Error making request", StringComparison.Ordinal) ? $" {OneLine(answer.Message)}" : "")}",
        { InnerException: { } inner } => Reason(inner),
        _ => OneLine(failure.Message),
    };

    /// <summary>What is kept for the log: the exception itself, unless it holds what the store said as the store said it.</summary>
    private static Exception Cause(Exception failure)
    {
        for (var one = failure; one is not null; one = one.InnerException)
        {
            if (ForeignText.InOneLine(one.Message) != one.Message)
            {
                return new S3AnswerException(S3Fault.Strange, Reason(failure));
            }
        }

        return failure;
    }

    private static string OneLine(string text) => ForeignText.InOneLine(text).TrimEnd('.');
}
