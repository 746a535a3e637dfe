namespace LlmdAspire.EngineModel;

/// <summary>An engine that is asleep takes requests and starts none.</summary>
public sealed partial class Engine
{
    private bool _paused;

    /// <summary>Gives no more places from now on; what runs goes on.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _paused = true;
        }
    }

    /// <summary>Gives places again.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _paused = false;
            Admit(_time.GetTimestamp());
            EndStep();
        }
    }

    /// <summary>Frees what is kept for other engines; they will find it lost.</summary>
    public void ForgetExports()
    {
        lock (_lock)
        {
            while (_leases.Count > 0)
            {
                _blocks.Release(_leases.TakeFirst());
            }
        }
    }

    /// <summary>Ends everything that runs or waits.</summary>
    public void AbortAll()
    {
        List<Generation> open;
        lock (_lock)
        {
            open = [.. _waiting.Concat(_running).Select(sequence => sequence.Owner).Distinct()];
        }

        open.ForEach(Abort);
    }
}
