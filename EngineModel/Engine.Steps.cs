namespace LlmdAspire.EngineModel;

/// <summary>What happens when a sequence's next token is due.</summary>
public sealed partial class Engine
{
    private void Tick()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _timerAt = long.MaxValue;
            var now = _time.GetTimestamp();
            ExpireLeases(now);
            var last = long.MinValue;
            while (_due.TryPeek(out var at) && at <= now)
            {
                if (at != last)
                {
                    // A late timer makes several steps at once; whoever follows the cache still hears of one at a time.
                    _observer?.StepEnded();
                    last = at;
                }

                Step(_due.Dequeue(), at);
            }

            foreach (var generation in _touched)
            {
                generation.IsTouched = false;
                generation.Signal();
            }

            _touched.Clear();
            EndStep();
        }
    }

    private void Step(Sequence sequence, long at)
    {
        var hadTokens = sequence.Count;
        // Every token so far has been computed now; the one that comes out has not.
        Settle(sequence, sequence.Length);
        var finish = sequence.Generate();
        if (hadTokens == 0)
        {
            PrefillDone(sequence, at);
        }

        if (sequence.Count > hadTokens)
        {
            _metrics.GenerationTokens++;
            if (hadTokens > 0)
            {
                _metrics.InterTokenLatency.Observe(Seconds(sequence.LastToken, at));
            }

            sequence.LastToken = at;
        }

        if (!sequence.Owner.IsTouched)
        {
            sequence.Owner.IsTouched = true;
            _touched.Add(sequence.Owner);
        }

        if (finish != FinishReason.None)
        {
            Retire(sequence, finish, at);
            Admit(at);
        }
        else if (Grow(sequence))
        {
            _due.Enqueue(sequence, at + Ticks(_latencies.InterTokenLatency));
        }
    }

    private void PrefillDone(Sequence sequence, long at)
    {
        sequence.FirstToken = at;
        sequence.LastToken = at;
        sequence.EndImport();
        var prompt = sequence.Prompt.Count;
        _metrics.PromptTokens += prompt;
        _metrics.PromptTokensCached += sequence.CachedTokens;
        _metrics.PromptTokensCopied += sequence.CopiedTokens;
        _metrics.PromptTokensComputed += prompt - sequence.CachedTokens - sequence.CopiedTokens;
        _metrics.TimeToFirstToken.Observe(Seconds(sequence.Arrived, at));
    }

    private void Settle(Sequence sequence, int tokens)
    {
        var full = Math.Min(tokens / _options.BlockSize, sequence.Table.Blocks.Count);
        if (sequence.Chain is { } chain && full > sequence.Table.Settled)
        {
            _blocks.Settle(sequence.Table, chain.First(full), sequence);
        }
    }
}
