using LlmdAspire.Protocols.ExtProc;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>Sets headers to what they are already, as llm-d's picker does, so that filters behind see them as set by it.</summary>
internal static class HeaderEcho
{
    /// <summary>Adds each header that may be echoed and that the mutation does not set itself.</summary>
    /// <remarks>A name that stands more than once is left alone: setting it would keep only one of its values.</remarks>
    public static void Add(EnvoyHeaders headers, HeaderMutation mutation)
    {
        var own = mutation.Set.Count;
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            if (HeaderNames.IsEchoed(header.Name) && !IsSet(mutation, own, header.Name) && IsSingle(headers, i))
            {
                mutation.Set.Add(new HeaderChange(header));
            }
        }
    }

    private static bool IsSet(HeaderMutation mutation, int own, string name)
    {
        for (var i = 0; i < own; i++)
        {
            if (mutation.Set[i].Header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSingle(EnvoyHeaders headers, int index)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (i != index && headers[i].Name.Equals(headers[index].Name, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
