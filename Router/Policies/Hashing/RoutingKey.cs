using System.Globalization;
using System.Text;
using LlmdAspire.Router.Policies.Prefixes;

namespace LlmdAspire.Router.Policies.Hashing;

/// <summary>What says which requests belong together: a header, else a member of the body, else the prompt; vllm-router's order and texts.</summary>
internal readonly ref struct RoutingKey
{
    private const int BodySession = 6;
    private const int BodyUser = 7;
    private const int Prompt = 8;

    // vllm-router hashes a text longer than this, and takes a shorter one as it is.
    private const int LongestPlainText = 100;

    private static readonly string[] s_headers = ["x-session-id", "x-user-id", "x-tenant-id", "x-correlation-id", "x-request-id", "x-trace-id"];
    private static readonly string[] s_prefixes = [.. s_headers.Select(name => $"header:{name}:"), "session:", "user:", "request:"];

    private RoutingKey(ReadOnlySpan<byte> bytes, int source)
    {
        Bytes = bytes;
        Source = source;
    }

    /// <summary>Where a key can come from, for people; <see cref="Source"/> counts in it.</summary>
    public static IReadOnlyList<string> Sources { get; } =
        [.. s_headers.Select(name => $"header {name}"), "the body's session id", "the body's user", "the prompt"];

    /// <summary>Empty when nothing tells this request from others.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public int Source { get; }

    /// <param name="room">For the key; longer ones get their own.</param>
    public static RoutingKey Of(in RoutingRequest request, Span<byte> room)
    {
        if (FindName(request, out var source) is { } name)
        {
            return new(Join(s_prefixes[source], name, room), source);
        }

        using var prompt = PromptText.Of(request);
        return prompt.Bytes.IsEmpty ? default : new(OfText(prompt.Bytes, room), Prompt);
    }

    /// <summary>The name of the request's session or user; null when nothing names one.</summary>
    public static string? SessionOf(in RoutingRequest request) => FindName(request, out _);

    private static string? FindName(in RoutingRequest request, out int source)
    {
        for (source = 0; source < s_headers.Length; source++)
        {
            var values = request.Headers[s_headers[source]];
            if (values.Count > 0 && values[0] is { Length: > 0 } value)
            {
                return value;
            }
        }

        source = request.Peek.SessionKeyNamesUser ? BodyUser : BodySession;
        return request.Peek.SessionKey;
    }

    private static ReadOnlySpan<byte> Join(string prefix, string name, Span<byte> room)
    {
        var length = prefix.Length + Encoding.UTF8.GetByteCount(name);
        var bytes = length <= room.Length ? room[..length] : new byte[length];
        _ = Encoding.UTF8.GetBytes(name, bytes[Encoding.UTF8.GetBytes(prefix, bytes)..]);
        return bytes;
    }

    private static ReadOnlySpan<byte> OfText(scoped ReadOnlySpan<byte> text, Span<byte> room)
    {
        if (text.Length > LongestPlainText)
        {
            return Join("request_hash:", RingHash.Of(text).ToString("x16", CultureInfo.InvariantCulture), room);
        }

        var prefix = Encoding.UTF8.GetBytes(s_prefixes[Prompt], room);
        text.CopyTo(room[prefix..]);
        return room[..(prefix + text.Length)];
    }
}
