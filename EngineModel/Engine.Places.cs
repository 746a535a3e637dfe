namespace LlmdAspire.EngineModel;

/// <summary>Who has a place in the batch: admission, loss of a place, end.</summary>
public sealed partial class Engine
{
    /// <summary>Gives free places in the batch to those who wait longest.</summary>
    private void Admit(long at)
    {
        while (!_closed && !_paused && _running.Count < _options.MaxSequences && FirstWithAdapterSlot() is { } sequence && TryPlace(sequence, at))
        {
        }
    }

    private bool TryPlace(Sequence sequence, long at)
    {
        // At least one token is computed, even of a prompt that is cached as a whole: the answer's first token comes out of that.
        var most = (sequence.Length - 1) / _options.BlockSize;
        var digests = sequence.Chain is { } chain ? chain.First(most) : [];
        var hits = digests[.._blocks.CountHits(digests)];
        var blocks = BlocksFor(sequence.Length);

        // What never fits runs alone, with the blocks there are.
        var taken = blocks <= _blocks.Total
            ? _blocks.TryFill(sequence.Table, hits, blocks)
            : _blocks.Used == 0 && _blocks.TryFill(sequence.Table, hits, _blocks.Total);
        if (!taken)
        {
            return false;
        }

        _waiting.Remove(sequence.Node);
        _running.AddLast(sequence.Node);
        sequence.IsRunning = true;
        var isFirst = sequence.Placements++ == 0;
        if (isFirst)
        {
            sequence.Scheduled = at;
            CountLookup(sequence, hits.Length * _options.BlockSize);
        }

        var time = isFirst && sequence.CopiedTokens > 0
            ? TransferTime(sequence)
            : _latencies.Prefill(sequence.Length - (hits.Length * _options.BlockSize));
        _due.Enqueue(sequence, at + Ticks(time));
        return true;
    }

    private void CountLookup(Sequence sequence, int cached)
    {
        var prompt = sequence.Prompt.Count;
        sequence.CachedTokens = cached;
        sequence.CopiedTokens = Math.Max(0, Math.Min(sequence.ImportTokens, prompt) - cached);
        if (sequence.Chain is not null)
        {
            _metrics.PrefixQueries += prompt;
            _metrics.PrefixHits += cached;
        }

        _metrics.ExternalQueries += prompt - cached;
        _metrics.ExternalHits += sequence.CopiedTokens;
    }

    private TimeSpan TransferTime(Sequence sequence)
    {
        var latencies = _latencies;
        var copied = sequence.CopiedTokens;
        var time = latencies.Transfer(copied);
        _metrics.TransferTime.Observe(time.TotalSeconds / _options.TimeScale);
        _metrics.TransferBytes.Observe(copied * latencies.TransferBytesPerToken);
        _metrics.TransferDescriptors.Observe(BlocksFor(copied));
        var left = sequence.Prompt.Count - sequence.CachedTokens - copied;
        return left > 0 ? time + latencies.Prefill(left) : time;
    }

    /// <summary>Takes the block for the sequence's next token, from those who came last where none is free; false when the sequence itself lost its place.</summary>
    private bool Grow(Sequence sequence)
    {
        var blocks = Math.Min(BlocksFor(sequence.Length), _blocks.Total);
        while (!_blocks.TryGrow(sequence.Table, blocks))
        {
            var last = _running.Last!.Value;
            Preempt(last);
            if (last == sequence)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a sequence's place and blocks; it goes on, once there is room, by computing again what it had.</summary>
    private void Preempt(Sequence sequence)
    {
        _metrics.Preemptions++;
        _blocks.Release(sequence.Table);
        sequence.IsRunning = false;
        _running.Remove(sequence.Node);
        _waiting.AddFirst(sequence.Node);
    }

    private void Retire(Sequence sequence, FinishReason reason, long at)
    {
        _metrics.CountFinished(reason);
        sequence.IsRunning = false;
        sequence.Node.List!.Remove(sequence.Node);
        sequence.EndImport();
        var ranToItsEnd = reason != FinishReason.Abort;
        if (!ranToItsEnd || !TryLease(sequence, at))
        {
            _blocks.Release(sequence.Table);
        }

        // As in vLLM, the histograms describe requests that ran to their end.
        if (ranToItsEnd)
        {
            ObserveFinished(sequence, at);
        }
    }

    private void ObserveFinished(Sequence sequence, long at)
    {
        var decode = Seconds(sequence.FirstToken, sequence.LastToken);
        _metrics.EndToEnd.Observe(Seconds(sequence.Arrived, at));
        _metrics.Queue.Observe(Seconds(sequence.Arrived, sequence.Scheduled));
        _metrics.Inference.Observe(Seconds(sequence.Scheduled, at));
        _metrics.Prefill.Observe(Seconds(sequence.Scheduled, sequence.FirstToken));
        _metrics.Decode.Observe(decode);
        _metrics.TimePerOutputToken.Observe(sequence.Count > 1 ? decode / (sequence.Count - 1) : 0);
        _metrics.PromptLength.Observe(sequence.Prompt.Count);
        _metrics.GenerationLength.Observe(sequence.Count);
        _metrics.MaxTokensAsked.Observe(sequence.MaxTokens);
        _metrics.PrefillComputed.Observe(sequence.Prompt.Count - sequence.CachedTokens - sequence.CopiedTokens);
        if (sequence.Choices > 0)
        {
            _metrics.ChoicesAsked.Observe(sequence.Choices);
        }
    }

    private int BlocksFor(int tokens) => (tokens + _options.BlockSize - 1) / _options.BlockSize;
}
