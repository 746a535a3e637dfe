namespace LlmdAspire.Protocols.Zmtp;

/// <summary>Prefixes somebody asked for, counted: a prefix asked for twice is gone after two cancellations, as in libzmq.</summary>
/// <remarks>One thread at a time changes it; any thread may match meanwhile. Matching compares each distinct prefix, which is the right choice for the few that KV events use.</remarks>
internal sealed class SubscriptionSet
{
    private readonly List<(byte[] Prefix, int Count)> _counted = [];
    private volatile byte[][] _prefixes = [];

    public byte[][] Prefixes => _prefixes;

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        foreach (var prefix in _prefixes)
        {
            if (topic.StartsWith(prefix))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the prefix is new.</summary>
    public bool Add(ReadOnlySpan<byte> prefix)
    {
        var at = IndexOf(prefix);
        if (at >= 0)
        {
            _counted[at] = (_counted[at].Prefix, _counted[at].Count + 1);
            return false;
        }

        _counted.Add((prefix.ToArray(), 1));
        Publish();
        return true;
    }

    /// <summary>True when the prefix was there and nobody asks for it any more.</summary>
    public bool Remove(ReadOnlySpan<byte> prefix)
    {
        var at = IndexOf(prefix);
        if (at < 0)
        {
            return false;
        }

        if (_counted[at].Count > 1)
        {
            _counted[at] = (_counted[at].Prefix, _counted[at].Count - 1);
            return false;
        }

        _counted.RemoveAt(at);
        Publish();
        return true;
    }

    private void Publish() => _prefixes = [.. _counted.Select(entry => entry.Prefix)];

    private int IndexOf(ReadOnlySpan<byte> prefix)
    {
        for (var i = 0; i < _counted.Count; i++)
        {
            if (prefix.SequenceEqual(_counted[i].Prefix))
            {
                return i;
            }
        }

        return -1;
    }
}
