namespace LlmdAspire.EngineModel;

/// <summary>Content that comes from another engine instead of being computed. A copy runs beside the steps and takes no place in the batch.</summary>
public sealed partial class Engine
{
    private void BeginCopy(Sequence sequence, long at)
    {
        var copied = sequence.CopiedTokens;
        var transfer = _timing.Transfer;
        var time = transfer.Of(copied, _random);
        _metrics.TransferTime.Observe(time.TotalSeconds / _options.TimeScale);
        _metrics.TransferBytes.Observe(copied * transfer.BytesPerToken);
        _metrics.TransferDescriptors.Observe(BlocksFor(copied));

        var copy = TakeStep();
        copy.IsCopy = true;
        copy.Add(sequence, copied);
        _due.Enqueue(copy, at + Ticks(time));
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
