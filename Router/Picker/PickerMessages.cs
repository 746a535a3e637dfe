using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Picker;

/// <summary>Writes the messages that Envoy would send for a request.</summary>
internal static class PickerMessages
{
    private static readonly string[] s_ofTheConnection =
        ["connection", "host", "content-length", "transfer-encoding", "te", "upgrade", "keep-alive", "proxy-connection", "expect", "traceparent", "tracestate"];

    private static readonly ProtocolConfiguration s_protocol = new(BodySendMode.FullDuplexStreamed, BodySendMode.FullDuplexStreamed, SendsBodyEarly: true);

    /// <summary>The request's headers, the first message of a stream.</summary>
    public static ProcessingRequest Headers(HttpContext context, Exchange exchange, string path, bool passRoutingHeaders)
    {
        var request = context.Request;
        List<EnvoyHeader> headers =
        [
            new(":method", request.Method), new(":path", path + request.QueryString), new(":scheme", request.Scheme), new(":authority", request.Host.Value ?? ""),
        ];
        foreach (var (name, values) in request.Headers)
        {
            var lower = name.ToLowerInvariant();
            if (s_ofTheConnection.Contains(lower) || lower == "x-request-id" || (!passRoutingHeaders && EngineRequestHeaders.IsRouting(lower)))
            {
                continue;
            }

            foreach (var value in values)
            {
                headers.Add(new(lower, value ?? ""));
            }
        }

        headers.Add(new("x-request-id", exchange.RequestId));
        if (Activity.Current is { } span)
        {
            DistributedContextPropagator.Current.Inject(span, headers, static (carrier, name, value) => ((List<EnvoyHeader>)carrier!).Add(new(name.ToLowerInvariant(), value)));
        }

        var length = exchange.Body?.Length ?? 0;
        if (length > 0)
        {
            headers.Add(new("content-length", length.ToString(CultureInfo.InvariantCulture)));
        }

        return new() { Step = ProcessingStep.RequestHeaders, Headers = new(headers), EndOfStream = length == 0, Protocol = s_protocol };
    }

    /// <summary>The request's body in pieces, none larger than Envoy's.</summary>
    public static IEnumerable<ProcessingRequest> Body(ReadOnlySequence<byte> body)
    {
        while (!body.IsEmpty)
        {
            var piece = body.Slice(0, Math.Min(body.Length, BodyMutation.MaxStreamedBytes));
            body = body.Slice(piece.End);
            yield return new() { Step = ProcessingStep.RequestBody, Body = piece, EndOfStream = body.IsEmpty };
        }
    }

    /// <summary>The answer's headers, and which endpoint really served.</summary>
    public static ProcessingRequest AnswerHeaders(int status, HttpResponseMessage response, Worker served)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"{served.Id.Host}:{served.Id.Port}");
        List<EnvoyHeader> headers = [new(":status", status.ToString(CultureInfo.InvariantCulture))];
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            foreach (var value in values)
            {
                headers.Add(new(name.ToLowerInvariant(), value));
            }
        }

        return new()
        {
            Step = ProcessingStep.ResponseHeaders,
            Headers = new(headers),
            FilterMetadata = StructValue.OfField("envoy.lb", StructValue.OfField("x-gateway-destination-endpoint-served", StructValue.Of(address))),
        };
    }

    /// <summary>The end of the answer.</summary>
    public static ProcessingRequest AnswerEnd(byte[] lastEvents) =>
        new() { Step = ProcessingStep.ResponseBody, Body = new(lastEvents), EndOfStream = true };
}
