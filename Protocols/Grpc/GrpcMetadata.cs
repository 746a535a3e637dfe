using System.Buffers;
using System.Collections;
using System.Text;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>Custom headers or trailers of a call, in order, names in lower case; names that end in <c>-bin</c> carry bytes.</summary>
/// <remarks>Not thread-safe. Values are kept as they stand on the wire, so binary ones are base64 here.</remarks>
public sealed class GrpcMetadata : IEnumerable<KeyValuePair<string, string>>
{
    private const string BinarySuffix = "-bin";

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly List<KeyValuePair<string, string>> _entries = [];

    /// <summary>No entries; never add to it.</summary>
    internal static GrpcMetadata Empty { get; } = new();

    public int Count => _entries.Count;

    /// <summary>Adds a text value: printable ASCII.</summary>
    /// <exception cref="ArgumentException">The name or value cannot go on the wire, or gRPC itself uses the name.</exception>
    public void Add(string name, string value)
    {
        CheckName(name, isBinary: false);
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The value of '{name}' is not printable ASCII; use AddBinary and a name that ends in {BinarySuffix}.", nameof(value));
        }

        _entries.Add(new(name, value));
    }

    /// <summary>Adds bytes under a name that ends in <c>-bin</c>.</summary>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddBinary(string name, ReadOnlySpan<byte> value)
    {
        CheckName(name, isBinary: true);
        _entries.Add(new(name, Convert.ToBase64String(value)));
    }

    /// <summary>The last value under a name, or null.</summary>
    public string? Get(string name)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return _entries[i].Value;
            }
        }

        return null;
    }

    /// <summary>The last bytes under a name, or null; several values may arrive joined by commas, with or without padding.</summary>
    public byte[]? GetBinary(string name)
    {
        if (Get(name) is not { } joined)
        {
            return null;
        }

        var last = joined.AsSpan(joined.LastIndexOf(',') + 1).Trim().TrimEnd('=');
        var padded = new StringBuilder().Append(last).Append('=', (4 - (last.Length % 4)) % 4).ToString();
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? bytes[..length] : null;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Keeps a header that arrived, unless it belongs to gRPC itself.</summary>
    internal void AddReceived(string name, string value)
    {
        if (!IsReserved(name))
        {
            _entries.Add(new(name.ToLowerInvariant(), value));
        }
    }

    private static bool IsReserved(string name) =>
        name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || name.ToLowerInvariant() is "content-type" or "te" or "user-agent" or "host" or "date" or "content-length" or "transfer-encoding" or "connection";

    private static void CheckName(string name, bool isBinary)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(s_nameCharacters) || IsReserved(name))
        {
            throw new ArgumentException($"'{name}' cannot name metadata: lower-case letters, digits, '-', '_' and '.', and none of gRPC's own headers.", nameof(name));
        }

        if (name.EndsWith(BinarySuffix, StringComparison.Ordinal) != isBinary)
        {
            throw new ArgumentException($"'{name}' must {(isBinary ? "" : "not ")}end in {BinarySuffix} for {(isBinary ? "bytes" : "text")}.", nameof(name));
        }
    }
}
