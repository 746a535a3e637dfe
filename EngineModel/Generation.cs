namespace LlmdAspire.EngineModel;

/// <summary>The sequences of one request, followed together.</summary>
/// <remarks>One reader; it may read while the engine generates.</remarks>
public sealed class Generation
{
    private readonly AsyncSignal _changed = new();

    internal Generation()
    {
    }

    public IReadOnlyList<Sequence> Sequences { get; internal set; } = [];

    /// <summary>Whether every sequence has ended. Read it before the sequences' tokens: when true, they are all there.</summary>
    public bool IsFinished
    {
        get
        {
            foreach (var sequence in Sequences)
            {
                if (sequence.Read().Finish == FinishReason.None)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Completes when tokens came or a sequence ended since the last call completed.</summary>
    public ValueTask WaitAsync() => _changed.WaitAsync();

    internal void Signal() => _changed.Set();

    /// <summary>Whether this tick has noted already that the reader needs a signal.</summary>
    internal bool IsTouched { get; set; }
}
