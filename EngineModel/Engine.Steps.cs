using LlmdAspire.EngineModel.Scheduling;

namespace LlmdAspire.EngineModel;

/// <summary>What happens when a step or a copy ends.</summary>
public sealed partial class Engine
{
    private void Complete(Step step, long at)
    {
        if (step.IsShared)
        {
            _isStepping = false;
        }

        var (prompt, generated) = (_metrics.PromptTokensComputed, _metrics.GenerationTokens);
        for (var i = 0; i < step.Parts.Count; i++)
        {
            var part = step.Parts[i];
            part.Sequence.Step = null;
            part.Sequence.Computed += part.Tokens;
            if (step.IsCopy)
            {
                EndCopy(part.Sequence);
            }
            else
            {
                Advance(part.Sequence, at);
            }
        }

        if (!step.IsCopy)
        {
            _metrics.IterationTokens.Observe(_metrics.PromptTokensComputed - prompt + _metrics.GenerationTokens - generated);
        }

        GiveBack(step);
    }

    /// <summary>The step computed a sequence's next tokens: out comes one more, unless they were only a part of its prompt.</summary>
    private void Advance(Sequence sequence, long at)
    {
        Settle(sequence);
        if (sequence.Computed == sequence.Length && !Emit(sequence, at))
        {
            return;
        }

        _idle.Add(sequence);
    }

    /// <summary>Generates the next token and says whether the sequence goes on.</summary>
    private bool Emit(Sequence sequence, long at)
    {
        var hadTokens = sequence.Count;
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

        if (finish == FinishReason.None)
        {
            return true;
        }

        Retire(sequence, finish, at);
        return false;
    }

    private void PrefillDone(Sequence sequence, long at)
    {
        sequence.FirstToken = at;
        sequence.LastToken = at;
        var prompt = sequence.Prompt.Count;
        _metrics.PromptTokens += prompt;
        _metrics.PromptTokensCached += sequence.CachedTokens;
        _metrics.PromptTokensCopied += sequence.CopiedTokens;
        _metrics.PromptTokensComputed += prompt - sequence.CachedTokens - sequence.CopiedTokens;
        _metrics.TimeToFirstToken.Observe(Seconds(sequence.Arrived, at));
    }

    /// <summary>Nobody waits for a sequence's step any more: neither may it hold the sequence until its end, which can be far away.</summary>
    private void DropStep(Sequence sequence)
    {
        if (sequence.Step is not { } step)
        {
            return;
        }

        step.Drop(sequence);
        if (step.Parts.Count == 0 && !step.IsShared)
        {
            _due.Remove(step);
            GiveBack(step);
        }
    }

    /// <summary>Lets others find the blocks that are full now.</summary>
    private void Settle(Sequence sequence)
    {
        var full = Math.Min(sequence.Computed / _options.BlockSize, sequence.Table.Blocks.Count);
        if (sequence.Chain is { } chain && full > sequence.Table.Settled)
        {
            _blocks.Settle(sequence.Table, chain.First(full), sequence);
        }
    }
}
