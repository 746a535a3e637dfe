using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Sse;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The part of a stream's events that is the same in all of them, made once.</summary>
internal static class ChunkHead
{
    /// <summary>UTF-8 of <c>data: {"id":…,"object":…,"created":…,"model":…,"choices":[</c>.</summary>
    public static byte[] Of(AnswerHead head, string kind) =>
    [
        .. ServerSentEvents.Prefix,
        .. Encoding.UTF8.GetBytes(
            $"{{\"id\":{Quote(head.Id)},\"object\":\"{kind}\",\"created\":{head.Created},\"model\":{Quote(head.Model)},\"choices\":["),
    ];

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
