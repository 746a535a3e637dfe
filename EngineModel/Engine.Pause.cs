namespace LlmdAspire.EngineModel;

/// <summary>An engine that is asleep takes requests and starts none.</summary>
public sealed partial class Engine
{
    private bool _paused;

    /// <summary>Gives no more places from now on; what runs goes on.</summary>
    public void Pause() => _ = Change(_ => _paused = true);

    /// <summary>Gives places again.</summary>
    public void Resume() => _ = Change(_ => _paused = false);

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
}
