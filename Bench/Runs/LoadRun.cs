using LlmdAspire.Bench.Client;
using LlmdAspire.Bench.Datasets;

namespace LlmdAspire.Bench.Runs;

/// <summary>Sends conversations as they arrive and waits for all of them.</summary>
internal sealed class LoadRun(CompletionClient client, IReadOnlyList<Conversation> conversations, LoadOptions options, TimeProvider clock)
{
    private readonly RequestOutcome?[] _outcomes = new RequestOutcome?[conversations.Sum(conversation => conversation.Turns.Count)];
    private int _ended;
    private int _failed;

    public int Requests => _outcomes.Length;

    /// <summary>Requests that ended so far, well or not.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Runs once.</summary>
    /// <param name="stop">Ends the run early; requests under way then have no outcome.</param>
    /// <returns>What became of each request that ended, and the seconds from start to end.</returns>
    public async Task<(IReadOnlyList<RequestOutcome> Outcomes, double Duration)> RunAsync(CancellationToken stop)
    {
        using var places = options.MaxConcurrency is { } limit ? new SemaphoreSlim(limit) : null;
        var started = clock.GetTimestamp();
        var running = new List<Task>(conversations.Count);
        try
        {
            var first = 0;
            for (var i = 0; i < conversations.Count; i++)
            {
                await ArriveAsync(options.Arrivals[i], started, stop);
                if (places is not null)
                {
                    // Requests take places in the order in which they arrive, so waiting here keeps nobody out.
                    await places.WaitAsync(stop);
                }

                running.Add(ConverseAsync(conversations[i], first, started, places, stop));
                first += conversations[i].Turns.Count;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What has begun is waited for below.
        }

        await Task.WhenAll(running);
        return ([.. _outcomes.OfType<RequestOutcome>()], clock.GetElapsedTime(started).TotalSeconds);
    }

    private async Task ArriveAsync(double arrival, long started, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        while (arrival > 0 && TimeSpan.FromSeconds(arrival) - clock.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
        {
            // Timers know whole milliseconds.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), clock, stop);
        }
    }

    private async Task ConverseAsync(Conversation conversation, int first, long started, SemaphoreSlim? places, CancellationToken stop)
    {
        var isAlone = conversation.Turns.Count == 1;
        var messages = new List<Message>(conversation.Turns.Count * 2 - 1);
        try
        {
            for (var i = 0; i < conversation.Turns.Count; i++)
            {
                var turn = conversation.Turns[i];
                if (i > 0)
                {
                    await Task.Delay(options.ThinkTime, clock, stop);
                }

                messages.Add(new Message(IsFromUser: true, turn.Text));
                var request = new RequestSpec(options.IsMeasured ? first + i : null, options.ModelOf(first + i), messages, turn.InputTokens, turn.OutputTokens);
                var outcome = await client.SendAsync(request, started, options.KeepsText || !isAlone, stop);
                if (!outcome.Success)
                {
                    GiveUp(first + i, conversation.Turns.Count - i, outcome);
                    return;
                }

                messages.Add(new Message(IsFromUser: false, System.Text.Encoding.UTF8.GetBytes(outcome.Text)));
                Keep(first + i, options.KeepsText ? outcome : outcome with { Text = "" });
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A request that was broken off is neither good nor bad.
        }
        finally
        {
            places?.Release();
        }
    }

    // What would have followed was never asked; it counts as failed, so that the numbers add up.
    private void GiveUp(int first, int count, RequestOutcome outcome)
    {
        Keep(first, outcome);
        for (var i = 1; i < count; i++)
        {
            Keep(first + i, new RequestOutcome { StartTime = outcome.StartTime, Error = "An earlier turn of the conversation failed." });
        }
    }

    private void Keep(int index, RequestOutcome outcome)
    {
        _outcomes[index] = outcome;
        if (!outcome.Success)
        {
            Interlocked.Increment(ref _failed);
        }

        Interlocked.Increment(ref _ended);
    }
}
