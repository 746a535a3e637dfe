using System.Collections;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>The headers (or trailers) of a message in the order in which they arrived; a name may stand more than once.</summary>
public sealed class EnvoyHeaders(IReadOnlyList<EnvoyHeader> headers) : IReadOnlyList<EnvoyHeader>
{
    public static readonly EnvoyHeaders Empty = new([]);

    public int Count => headers.Count;

    public EnvoyHeader this[int index] => headers[index];

    /// <summary>The first value under a name (in lower case) as text, or null.</summary>
    public string? this[string name] => TryGet(name, out var header) ? header.Text : null;

    /// <summary>The first header of a name (in lower case).</summary>
    public bool TryGet(string name, out EnvoyHeader header)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name.Equals(name, StringComparison.Ordinal))
            {
                header = headers[i];
                return true;
            }
        }

        header = default;
        return false;
    }

    public IEnumerator<EnvoyHeader> GetEnumerator() => headers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
