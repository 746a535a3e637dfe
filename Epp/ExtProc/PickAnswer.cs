using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>Writes a pick as Envoy reads it: destination as header and as metadata, and what the engine's sidecar needs to know. Pure.</summary>
internal static class PickAnswer
{
    private const string MetadataNamespace = "envoy.lb";

    /// <param name="step">The message that is answered: headers in full duplex, the body when it was buffered.</param>
    /// <param name="contentLength">Length of a body that is streamed anew; null when Envoy keeps its own.</param>
    /// <param name="body">What becomes of a body that was buffered.</param>
    public static ProcessingResponse Of(
        ScheduleResult result, ProcessingStep step, EnvoyHeaders request, string requestId, int? contentLength, BodyMutation body, Activity? activity, EppFlags flags)
    {
        var destination = string.Join(',', result.Destinations.Select(endpoint => AddressOf(endpoint, result.PrimaryPort)));
        var mutation = Destination(destination, requestId, contentLength, activity);
        SetRanks(result, mutation);
        return Finish(step, request, mutation, body, Metadata(destination, flags.EmitEndpointScores ? result : null), flags);
    }

    /// <summary>The answer to a request without a body.</summary>
    public static ProcessingResponse OfAny(EngineEndpoint endpoint, EnvoyHeaders request, string requestId, Activity? activity, EppFlags flags)
    {
        var mutation = Destination(endpoint.HostPort, requestId, contentLength: null, activity);
        if (endpoint.Id.Rank is { } rank)
        {
            _ = mutation.Overwrite(HeaderNames.Rank, Text(rank));
        }

        return Finish(ProcessingStep.RequestHeaders, request, mutation, body: default, Metadata(endpoint.HostPort, null), flags);
    }

    private static HeaderMutation Destination(string destination, string requestId, int? contentLength, Activity? activity)
    {
        var mutation = new HeaderMutation().Overwrite(HeaderNames.Destination, destination);
        if (contentLength is > 0 and var length)
        {
            _ = mutation.Overwrite("Content-Length", Text(length));
        }

        _ = mutation.Overwrite(HeaderNames.RequestId, requestId);
        if (activity?.Id is { } parent)
        {
            _ = mutation.Overwrite(HeaderNames.TraceParent, parent);
            if (!string.IsNullOrEmpty(activity.TraceStateString))
            {
                _ = mutation.Overwrite(HeaderNames.TraceState, activity.TraceStateString);
            }
        }

        return mutation;
    }

    private static void SetRanks(ScheduleResult result, HeaderMutation mutation)
    {
        var best = result.Best!;
        if (best.Id.Rank is { } rank)
        {
            _ = mutation.Overwrite(HeaderNames.Rank, Text(rank));
        }

        if (result.PrimaryPort is not null)
        {
            _ = mutation.Overwrite(HeaderNames.RankHostPort, best.HostPort);
        }

        if (result.Prefill is { } prefill)
        {
            _ = mutation.Overwrite(HeaderNames.Prefiller, prefill.HostPort);
            if (prefill.Id.Rank is { } prefillRank)
            {
                _ = mutation.Overwrite(HeaderNames.PrefillerRank, Text(prefillRank));
            }
        }

        if (result.Encoders.Count > 0)
        {
            _ = mutation.Overwrite(HeaderNames.Encoders, string.Join(',', result.Encoders.Select(encoder => encoder.HostPort)));
        }
    }

    private static ProcessingResponse Finish(ProcessingStep step, EnvoyHeaders request, HeaderMutation mutation, BodyMutation body, StructValue metadata, EppFlags flags)
    {
        if (!flags.TrustClientKvParams)
        {
            var set = mutation.Set.Select(change => change.Header.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in HeaderNames.NotForClients.Where(name => !set.Contains(name)))
            {
                mutation.Remove.Add(name);
            }
        }

        HeaderEcho.Add(request, mutation);
        return new ProcessingResponse { Step = step, ClearsRouteCache = true, Headers = mutation, Body = body, DynamicMetadata = metadata };
    }

    private static StructValue Metadata(string destination, ScheduleResult? scored)
    {
        var fields = new List<KeyValuePair<string, StructValue>> { new(HeaderNames.Destination, StructValue.Of(destination)) };
        if (scored?.Runs is [{ } run, ..])
        {
            var scores = run.Candidates.Select((endpoint, i) => KeyValuePair.Create(endpoint.Id.ToString(), StructValue.Of(run.Totals[i]))).ToList();
            fields.Add(new(HeaderNames.Scores, StructValue.OfFields(scores)));
        }

        return StructValue.OfField(MetadataNamespace, StructValue.OfFields(fields));
    }

    private static string AddressOf(EngineEndpoint endpoint, int? primaryPort) =>
        primaryPort is { } port ? string.Create(CultureInfo.InvariantCulture, $"{endpoint.Id.Host}:{port}") : endpoint.HostPort;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
