using LlmdAspire.EngineModel.Timing;

namespace LlmdAspire.EngineModel.Scheduling;

/// <summary>Some sequences' next tokens, computed together, or one sequence's copy from another engine.</summary>
/// <remarks>Used again and again: a step of hundreds of sequences allocates nothing.</remarks>
internal sealed class Step
{
    private readonly List<StepPart> _parts = [];
    private StepWork _work;

    /// <summary>Whether it copies instead of computing.</summary>
    public bool IsCopy { get; set; }

    /// <summary>Whether it is the engine's one step for all, after which the next one begins.</summary>
    public bool IsShared { get; set; }

    public IReadOnlyList<StepPart> Parts => _parts;

    public StepWork Work => _work;

    /// <summary>Adds the next <paramref name="tokens"/> of a sequence.</summary>
    public void Add(Sequence sequence, int tokens)
    {
        sequence.Step = this;
        _parts.Add(new StepPart(sequence, tokens));
        if (IsCopy)
        {
            return;
        }

        var before = sequence.Computed;
        _work.Sampled += before + tokens == sequence.Length ? 1 : 0;
        if (tokens == 1 && (sequence.Count > 0 || sequence.IsCopied))
        {
            _work.Decodes += sequence.Count > 0 ? 1 : 0;
            _work.Resumed += sequence.Count > 0 ? 0 : 1;
            _work.ContextTokens += before + 1;
            return;
        }

        _work.PrefillTokens += tokens;
        _work.PrefillPairs += ((long)tokens * before) + ((long)tokens * (tokens + 1) / 2);
    }

    /// <summary>Leaves out a sequence that ended or lost its place meanwhile; the time the step takes stays.</summary>
    public void Drop(Sequence sequence)
    {
        sequence.Step = null;
        _parts.RemoveAt(_parts.FindIndex(part => part.Sequence == sequence));
    }

    public void Clear()
    {
        _parts.Clear();
        _work = default;
        (IsCopy, IsShared) = (false, false);
    }
}

/// <summary>One sequence's share of a step.</summary>
/// <param name="Tokens">Tokens that are computed or copied for it.</param>
internal readonly record struct StepPart(Sequence Sequence, int Tokens);
