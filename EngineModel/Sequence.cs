using LlmdAspire.EngineModel.Blocks;
using LlmdAspire.EngineModel.Scheduling;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.EngineModel;

/// <summary>One sequence in an engine and the tokens it has so far.</summary>
/// <remarks>The engine writes under its lock; one reader follows through <see cref="Read"/> without it.</remarks>
public sealed class Sequence : IBlockContent
{
    private readonly ITokenSource _source;
    private int[] _tokens;
    private int _count;
    private int _finalCount;
    private int _finish;
    private int _cachedTokens;
    private KvImport? _import;

    internal Sequence(SequenceRequest request, Generation owner, long arrived, int blockSize)
    {
        _source = request.Source;
        _import = request.Import;
        BlockSize = blockSize;
        LoraName = request.LoraName;
        Choices = request.Choices;
        CacheSalt = request.CacheSalt;
        ExportAs = request.ExportAs;
        ImportTokens = request.Import?.Tokens ?? 0;
        Prompt = request.Prompt;
        Stop = request.Stop;
        MaxTokens = request.MaxTokens;
        Planned = Math.Min(request.MaxTokens, _source.NaturalLength);
        Owner = owner;
        Node = new LinkedListNode<Sequence>(this);
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

    /// <summary>Prompt tokens found in the engine's own prefix cache; 0 until the sequence has a place.</summary>
    public int CachedTokens
    {
        get => Volatile.Read(ref _cachedTokens);
        internal set => Volatile.Write(ref _cachedTokens, value);
    }

    /// <inheritdoc/>
    public int BlockSize { get; }

    /// <inheritdoc/>
    public string? LoraName { get; }

    internal int Choices { get; }

    internal string? CacheSalt { get; }

    /// <summary>Name under which its blocks are kept after its end; null to free them.</summary>
    internal string? ExportAs { get; }

    /// <summary>Prompt tokens that another engine has computed.</summary>
    internal int ImportTokens { get; }

    /// <summary>Prompt tokens that are copied from there, beyond those in the own cache.</summary>
    internal int CopiedTokens { get; set; }

    internal BlockTable Table { get; } = new();

    /// <summary>Its blocks' names; null in an engine without prefix cache.</summary>
    internal BlockHashChain? Chain { get; set; }

    /// <summary>Its place among those that wait, copy or run.</summary>
    internal LinkedListNode<Sequence> Node { get; }

    /// <summary>When the scheduler sees it first.</summary>
    internal long ReadyAt { get; set; }

    /// <summary>Whether it ever had a place in the batch or began to copy; it may have lost the place since.</summary>
    internal bool WasPlaced { get; set; }

    /// <summary>Tokens whose KV content its blocks hold.</summary>
    internal int Computed { get; set; }

    /// <summary>Whether its content was copied, so that of the prompt only what was not is left to compute.</summary>
    internal bool IsCopied { get; set; }

    /// <summary>The step or copy that is under way for it; null for none.</summary>
    internal Step? Step { get; set; }

    internal bool IsBusy => Step is not null;

    internal Generation Owner { get; }

    internal int MaxTokens { get; }

    /// <summary>Tokens it will have unless something stops it.</summary>
    internal int Planned { get; }

    internal int Count => _count;

    internal long Arrived { get; }

    internal long Scheduled { get; set; }

    internal long FirstToken { get; set; }

    internal long LastToken { get; set; }

    /// <summary>Prompt and generated tokens so far.</summary>
    internal int Length => Prompt.Count + _count;

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

    /// <summary>Tells the other engine, once, that its content is not needed any more.</summary>
    internal void EndImport()
    {
        _import?.Ended();
        _import = null;
    }

    void IBlockContent.CopyTokens(int start, Span<int> tokens)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            var position = start + i;
            tokens[i] = position < Prompt.Count ? Prompt[position] : _tokens[position - Prompt.Count];
        }
    }

    // vLLM's order: the adapter on every block, the salt on the first.
    ExtraKey[]? IBlockContent.ExtraKeysOf(int block) => (LoraName, block == 0 ? CacheSalt : null) switch
    {
        (null, null) => null,
        ({ } lora, null) => [ExtraKey.Text(lora)],
        (null, { } salt) => [ExtraKey.Text(salt)],
        ({ } lora, { } salt) => [ExtraKey.Text(lora), ExtraKey.Text(salt)],
    };
}
