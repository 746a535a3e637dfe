using LlmdAspire.EngineModel.Text;

namespace LlmdAspire.EngineModel;

/// <summary>One sequence in an engine and the tokens it has so far.</summary>
/// <remarks>The engine writes under its lock; one reader follows through <see cref="Read"/> without it.</remarks>
public sealed class Sequence
{
    private readonly ITokenSource _source;
    private int[] _tokens;
    private int _count;
    private int _finalCount;
    private int _finish;

    internal Sequence(SequenceRequest request, Generation owner, long arrived)
    {
        _source = request.Source;
        Prompt = request.Prompt;
        Stop = request.Stop;
        MaxTokens = request.MaxTokens;
        Planned = Math.Min(request.MaxTokens, _source.NaturalLength);
        Owner = owner;
        Arrived = arrived;
        _tokens = new int[Math.Min(Planned, 64)];
    }

    public IReadOnlyList<int> Prompt { get; }

    /// <summary>What may end the sequence early; read it once the sequence has finished.</summary>
    public StopCondition? Stop { get; }

    /// <summary>What the sequence has come to. May be called at any time by its one reader.</summary>
    public SequenceProgress Read()
    {
        // The count first: the tokens and, for the last one, the reason were written before it.
        var count = Volatile.Read(ref _count);
        var finish = (FinishReason)Volatile.Read(ref _finish);
        if (count != Volatile.Read(ref _finalCount))
        {
            // The reason runs ahead of the token it belongs to by an instant.
            finish = FinishReason.None;
        }

        return new SequenceProgress(Volatile.Read(ref _tokens).AsSpan(0, count), finish);
    }

    internal Generation Owner { get; }

    internal int MaxTokens { get; }

    /// <summary>Tokens it will have unless something stops it.</summary>
    internal int Planned { get; }

    internal int Count => _count;

    internal bool IsRunning { get; set; }

    internal int ReservedBlocks { get; set; }

    internal int UsedBlocks { get; set; }

    internal long Arrived { get; }

    internal long Scheduled { get; set; }

    internal long FirstToken { get; set; }

    internal long LastToken { get; set; }

    internal bool IsFinished => _finish != (int)FinishReason.None;

    /// <summary>Generates the next token and says whether it was the last one.</summary>
    internal FinishReason Generate()
    {
        if (_count == Planned)
        {
            End(FinishReason.Length);
            return FinishReason.Length;
        }

        if (_count == _tokens.Length)
        {
            var larger = new int[Math.Min(Planned, _count * 2)];
            _tokens.AsSpan().CopyTo(larger);
            Volatile.Write(ref _tokens, larger);
        }

        var token = _source.NextToken();
        _tokens[_count] = token;
        var finish = Stop?.Take(token) == true ? FinishReason.Stop
            : _count + 1 < Planned ? FinishReason.None
            : Planned == _source.NaturalLength ? FinishReason.Stop
            : FinishReason.Length;
        if (finish != FinishReason.None)
        {
            _finalCount = _count + 1;
            Volatile.Write(ref _finish, (int)finish);
        }

        Volatile.Write(ref _count, _count + 1);
        return finish;
    }

    /// <summary>Ends the sequence with the tokens it has.</summary>
    internal void End(FinishReason reason)
    {
        _finalCount = _count;
        Volatile.Write(ref _finish, (int)reason);
    }
}
