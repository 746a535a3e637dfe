using LlmdAspire.EngineModel.Scheduling;

namespace LlmdAspire.EngineModel;

/// <summary>What the engine computes next.</summary>
public sealed partial class Engine
{
    private readonly Stack<Step> _spareSteps = [];
    private readonly List<Sequence> _idle = [];
    private bool _isStepping;
    private long _tokenizerEnd;
    private long _nextArrival = long.MaxValue;

    /// <summary>Takes a request's sequences into the queue; the scheduler sees them when the request was read and its prompts are tokens.</summary>
    private void TakeIn(IReadOnlyList<Sequence> sequences, long arrived)
    {
        var tokens = 0;
        foreach (var sequence in sequences)
        {
            tokens += sequence.Prompt.Count;
        }

        var (tokenizing, besides) = _timing.Intake(tokens);
        _tokenizerEnd = Later(Math.Max(_tokenizerEnd, arrived), Ticks(tokenizing));
        foreach (var sequence in sequences)
        {
            sequence.ReadyAt = Later(_tokenizerEnd, Ticks(besides));
            _waiting.AddLast(sequence.Node);
        }
    }

    /// <summary>Begins the work that can begin now.</summary>
    private void Schedule(long at)
    {
        if (_closed)
        {
            return;
        }

        if (!_timing.IsBatched)
        {
            ScheduleEach(at);
        }
        else if (!_isStepping)
        {
            ScheduleTogether(at);
        }

        // While a step is under way, nobody looks at who comes.
        _nextArrival = !_isStepping && FirstWithAdapterSlot() is { } first && first.ReadyAt > at ? first.ReadyAt : long.MaxValue;
    }

    /// <summary>One step for all: first those that run, each with its next token or the next part of its prompt, then those that wait, in the order in which they came.</summary>
    private void ScheduleTogether(long at)
    {
        _idle.Clear();
        var step = TakeStep();
        step.IsShared = true;
        var budget = _options.MaxBatchedTokens;
        var preemptions = _metrics.Preemptions;
        for (var node = _running.First; node is not null && budget > 0;)
        {
            var sequence = node.Value;
            if (!sequence.IsBusy)
            {
                var tokens = Math.Min(Portion(sequence), budget);
                if (!Grow(sequence, sequence.Computed + tokens))
                {
                    break;
                }

                step.Add(sequence, tokens);
                budget -= tokens;
            }

            // Read only now: those behind may just have lost their places.
            node = node.Next;
        }

        // Whoever lost a place comes first again; but an engine that could do nothing else must not stop there.
        if (_metrics.Preemptions == preemptions || step.Parts.Count == 0)
        {
            while (TryPlaceNext(at, budget, out var sequence, out var tokens))
            {
                step.Add(sequence, tokens);
                budget -= tokens;
            }
        }

        _isStepping = Begin(step, at);
    }

    /// <summary>A step of its own for every sequence that has none.</summary>
    private void ScheduleEach(long at)
    {
        foreach (var sequence in _idle)
        {
            // One that ended or lost its place meanwhile is in another list, or in none.
            if (sequence.Node.List == _running && !sequence.IsBusy && Grow(sequence, sequence.Length))
            {
                BeginAlone(sequence, sequence.Length - sequence.Computed, at);
            }
        }

        _idle.Clear();
        while (TryPlaceNext(at, int.MaxValue, out var sequence, out var tokens))
        {
            BeginAlone(sequence, tokens, at);
        }
    }

    private void BeginAlone(Sequence sequence, int tokens, long at)
    {
        var step = TakeStep();
        step.Add(sequence, tokens);
        _ = Begin(step, at);
    }

    /// <summary>Lets a step begin, unless there is nothing in it.</summary>
    private bool Begin(Step step, long at)
    {
        if (step.Parts.Count == 0)
        {
            GiveBack(step);
            return false;
        }

        var work = step.Work with { Running = _running.Count, Places = _options.MaxSequences };
        _metrics.ComputedTokens += work.Tokens;
        _due.Enqueue(step, Later(at, Ticks(_timing.StepTime(work, _random))));
        return true;
    }

    /// <summary>What a sequence may compute in one step.</summary>
    private int Portion(Sequence sequence)
    {
        var left = sequence.Length - sequence.Computed;
        return _timing.IsBatched && _options.LongPrefillThreshold > 0 ? Math.Min(left, _options.LongPrefillThreshold) : left;
    }

    /// <summary>Notes who runs and has nothing to do, when that was not followed.</summary>
    private void FindIdle()
    {
        _idle.Clear();
        _idle.AddRange(_running.Where(sequence => !sequence.IsBusy));
    }

    private Step TakeStep() => _spareSteps.TryPop(out var step) ? step : new Step();

    private void GiveBack(Step step)
    {
        step.Clear();
        _spareSteps.Push(step);
    }
}
