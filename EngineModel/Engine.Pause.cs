namespace LlmdAspire.EngineModel;

/// <summary>An engine that is asleep takes requests and starts none.</summary>
public sealed partial class Engine
{
    private Admission _admission;

    /// <summary>To whom places are given.</summary>
    private enum Admission
    {
        Open,

        /// <summary>To those that have begun: they may lose their place and get it back until they end.</summary>
        StartedOnly,

        Closed,
    }

    /// <summary>Whether nothing that has begun is left; what waits and never began does not count.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_lock)
            {
                // Whoever lost its place stands before all who never had one.
                return _running.Count + _copying.Count + _copied.Count == 0 && _waiting.First is not { Value.WasPlaced: true };
            }
        }
    }

    /// <summary>Gives no more places from now on; what runs goes on, until it ends or loses its place.</summary>
    public void Pause() => Admit(Admission.Closed);

    /// <summary>Begins nothing new from now on; what has begun comes to its end, also when it loses its place on the way.</summary>
    public void Drain() => Admit(Admission.StartedOnly);

    /// <summary>Gives places again.</summary>
    public void Resume() => Admit(Admission.Open);

    /// <summary>Takes the place and the blocks of whatever has begun, copies included; it begins again once places are given.</summary>
    public void Interrupt() => _ = Change(_ =>
    {
        // From the end, so that they wait in the order in which they came.
        while ((_copying.Last ?? _copied.Last ?? _running.Last) is { Value: var sequence })
        {
            sequence.EndImport();
            Preempt(sequence);
        }

        return true;
    });

    /// <summary>Frees what is kept for other engines; they will find it lost.</summary>
    public void ForgetExports() => _ = Change(_ =>
    {
        ReleaseLeases();
        return true;
    });

    /// <summary>Ends everything that runs or waits.</summary>
    public void AbortAll()
    {
        List<Generation> open;
        lock (_lock)
        {
            open = Open();
        }

        open.ForEach(Abort);
    }

    private void Admit(Admission admission) => _ = Change(_ => _admission = admission);
}
