namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>What is known of one shape of conversation. Thread-safe.</summary>
internal sealed class ShapeTrust
{
    private readonly Lock _lock = new();
    private int _uses;
    private int _misses;
    private int _lead = int.MaxValue;
    private bool _confirmed;
    private volatile bool _refused;

    public bool IsRefused => _refused;

    public void Refuse() => _refused = true;

    /// <summary>Counts a use and says whether it must be compared with the whole rendering.</summary>
    public bool IsDue()
    {
        lock (_lock)
        {
            return !_confirmed || ++_uses % SpliceTrust.CheckEvery == 0;
        }
    }

    /// <summary>Whether a comparison ever agreed.</summary>
    public bool IsConfirmed
    {
        get
        {
            lock (_lock)
            {
                return _confirmed;
            }
        }
    }

    /// <summary>A comparison agreed.</summary>
    /// <param name="lead">With how many tokens the whole rendering and the brief one begin in common.</param>
    public void Agree(int lead)
    {
        lock (_lock)
        {
            _confirmed = true;
            _lead = Math.Min(_lead, lead);
        }
    }

    /// <summary>A comparison told nothing, because the known rendering seems out of date. Where nothing was ever confirmed, a second time is no accident.</summary>
    public void Miss()
    {
        lock (_lock)
        {
            _refused |= !_confirmed && ++_misses > 1;
        }
    }

    /// <summary>Whether a rendering from before still begins as the template begins today. False when it writes another date than it did, say.</summary>
    public bool BeginsAsToday(int lead)
    {
        lock (_lock)
        {
            return !_confirmed || lead >= _lead;
        }
    }

    /// <summary>So few tokens are common to the beginnings after all.</summary>
    public void Lower(int lead)
    {
        lock (_lock)
        {
            _lead = Math.Min(_lead, lead);
        }
    }
}
