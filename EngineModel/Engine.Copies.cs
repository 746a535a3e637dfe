namespace LlmdAspire.EngineModel;

/// <summary>Content that comes from another engine instead of being computed. Copies run beside the steps, one after the other over the engine's link, and take no place in the batch.</summary>
public sealed partial class Engine
{
    private long _linkEnd;

    private void BeginCopy(Sequence sequence, long at)
    {
        var copied = sequence.CopiedTokens;
        var transfer = _timing.Transfer;
        var (onLink, besides) = transfer.Of(copied, _random);
        _linkEnd = Later(Math.Max(_linkEnd, at), Ticks(onLink));
        var end = Later(onLink > TimeSpan.Zero ? _linkEnd : at, Ticks(besides));
        _metrics.TransferTime.Observe(Seconds(at, end));
        _metrics.TransferBytes.Observe(copied * transfer.BytesPerToken);
        _metrics.TransferDescriptors.Observe(BlocksFor(copied));

        var copy = TakeStep();
        copy.IsCopy = true;
        copy.Add(sequence, copied);
        _due.Enqueue(copy, end);
    }

    private void EndCopy(Sequence sequence)
    {
        Settle(sequence);
        sequence.IsCopied = true;
        sequence.EndImport();

        // The answer's first token comes out of computing the prompt's last one, even when its content is there.
        sequence.Computed = Math.Min(sequence.Computed, sequence.Length - 1);
        _copying.Remove(sequence.Node);
        _copied.AddLast(sequence.Node);
    }
}
