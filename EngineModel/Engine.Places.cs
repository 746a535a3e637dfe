namespace LlmdAspire.EngineModel;

/// <summary>Who has a place in the batch: admission, loss of a place, end.</summary>
public sealed partial class Engine
{
    /// <summary>Gives a free place in the batch to the one whose turn it is.</summary>
    /// <param name="budget">Tokens that may still be computed.</param>
    /// <param name="tokens">Those of them that the sequence takes.</param>
    private bool TryPlaceNext(long at, int budget, out Sequence sequence, out int tokens)
    {
        tokens = 0;
        sequence = null!;
        if (_admission == Admission.Closed || budget == 0 || _running.Count == _options.MaxSequences)
        {
            return false;
        }

        if (_copied.First is { } copied)
        {
            // It has its blocks, for the whole prompt, and would keep others from theirs if it had to wait for them.
            sequence = copied.Value;
            tokens = Math.Min(Portion(sequence), budget);
            Place(sequence, at);
            return true;
        }

        while (FirstWithAdapterSlot() is { } next && next.ReadyAt <= at)
        {
            sequence = next;
            if (_admission == Admission.StartedOnly && !sequence.WasPlaced)
            {
                // Whoever lost its place stands before all who never had one.
                return false;
            }

            if (!TryTakeBlocks(sequence, budget, out tokens))
            {
                return false;
            }

            if (tokens > 0)
            {
                Place(sequence, at);
                return true;
            }

            sequence.WasPlaced = true;
            TakeAdapter(sequence);
            Move(sequence, _copying);
            BeginCopy(sequence, at);
        }

        return false;
    }

    /// <summary>Takes the blocks that a waiting sequence needs to begin: those of its first step or, when content is to be copied, those of the whole prompt.</summary>
    /// <param name="tokens">What it computes in that step; 0 when it copies first.</param>
    private bool TryTakeBlocks(Sequence sequence, int budget, out int tokens)
    {
        // At least one token is computed, even of a prompt that is cached as a whole: the answer's first token comes out of that.
        var most = (sequence.Length - 1) / _options.BlockSize;
        var digests = sequence.Chain is { } chain ? chain.First(most) : [];
        var hits = digests[.._blocks.CountHits(digests)];
        var cached = hits.Length * _options.BlockSize;
        var copied = sequence.WasPlaced ? 0 : Math.Max(0, Math.Min(sequence.ImportTokens, sequence.Prompt.Count) - cached);
        sequence.Computed = cached;
        var portion = Portion(sequence);
        tokens = copied > 0 ? 0 : Math.Min(portion, budget);
        if (tokens < portion && copied == 0 && !_options.ChunksPrefills)
        {
            return false;
        }

        // As in vLLM, who begins must have room for all it has, even though it takes the blocks only as it goes. What never fits runs alone, with the blocks there are.
        var all = BlocksFor(sequence.Length);
        var now = tokens > 0 ? BlocksFor(cached + tokens) : all;
        if (all > _blocks.Total)
        {
            (all, now) = (_blocks.Total, Math.Min(now, _blocks.Total));
            if (_blocks.Used > 0)
            {
                return false;
            }
        }

        if (!_blocks.TryFill(sequence.Table, hits, now, all))
        {
            return false;
        }

        if (!sequence.WasPlaced)
        {
            CountLookup(sequence, cached, copied);
        }

        return true;
    }

    private void Place(Sequence sequence, long at)
    {
        if (sequence.Node.List == _waiting)
        {
            TakeAdapter(sequence);
        }

        Move(sequence, _running);
        sequence.WasPlaced = true;
        if (sequence.Scheduled == 0)
        {
            sequence.Scheduled = at;
        }
    }

    private void CountLookup(Sequence sequence, int cached, int copied)
    {
        var prompt = sequence.Prompt.Count;
        (sequence.CachedTokens, sequence.CopiedTokens) = (cached, copied);
        if (sequence.Chain is not null)
        {
            _metrics.PrefixQueries += prompt;
            _metrics.PrefixHits += cached;
        }

        _metrics.ExternalQueries += prompt - cached;
        _metrics.ExternalHits += copied;
    }

    /// <summary>Takes the blocks for a sequence's next tokens, from those who came last where none is free; false when the sequence itself lost its place.</summary>
    /// <param name="tokens">Tokens the blocks must hold.</param>
    private bool Grow(Sequence sequence, int tokens)
    {
        var blocks = Math.Min(BlocksFor(tokens), _blocks.Total);
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
        sequence.Computed = 0;
        sequence.IsCopied = false;
        DropStep(sequence);
        DropAdapter(sequence);
        sequence.Node.List!.Remove(sequence.Node);
        _waiting.AddFirst(sequence.Node);
    }

    private void Retire(Sequence sequence, FinishReason reason, long at)
    {
        _metrics.CountFinished(reason);
        DropStep(sequence);
        if (sequence.Node.List != _waiting)
        {
            DropAdapter(sequence);
        }

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
        _metrics.PromptComputed.Observe(sequence.Prompt.Count - sequence.CachedTokens - sequence.CopiedTokens);
        _metrics.GenerationLength.Observe(sequence.Count);
        _metrics.MaxTokensAsked.Observe(sequence.MaxTokens);
        if (sequence.Choices > 0)
        {
            _metrics.ChoicesAsked.Observe(sequence.Choices);
        }
    }

    private static void Move(Sequence sequence, LinkedList<Sequence> to)
    {
        sequence.Node.List!.Remove(sequence.Node);
        to.AddLast(sequence.Node);
    }
}
