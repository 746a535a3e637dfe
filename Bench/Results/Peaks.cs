using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Results;

/// <summary>The busiest second: chunks received in it, and requests that lasted through a part of it.</summary>
/// <remarks>
/// Seconds count from the first start. Because a request counts in every second it touches, the second number may exceed the
/// concurrency: requests that end and those that follow them share a second.
/// </remarks>
internal readonly record struct Peaks(double Chunks, int Requests)
{
    public static Peaks Of(IReadOnlyCollection<RequestOutcome> succeeded)
    {
        if (succeeded.Count == 0)
        {
            return default;
        }

        var start = succeeded.Min(outcome => outcome.StartTime);
        var end = succeeded.Max(outcome => outcome.StartTime + outcome.Latency);
        var chunks = new double[(int)Math.Ceiling(end - start) + 1];
        var requests = new int[chunks.Length];
        foreach (var outcome in succeeded)
        {
            var begin = outcome.StartTime - start;
            var time = begin + outcome.TimeToFirstToken;
            chunks[(int)time]++;
            foreach (var gap in outcome.InterTokenLatencies)
            {
                time += gap;
                // Sums may end a rounding error behind the end.
                chunks[Math.Min((int)time, chunks.Length - 1)]++;
            }

            // The second in which it ends is one of its own, also where it ends as that begins.
            var last = Math.Min((int)(begin + outcome.Latency), requests.Length - 1);
            for (var second = (int)begin; second <= last; second++)
            {
                requests[second]++;
            }
        }

        return new Peaks(chunks.Max(), requests.Max());
    }
}
