using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Results;

/// <summary>Prints why requests failed.</summary>
internal static class FailureList
{
    private const int Most = 10;

    public static void Write(TextWriter output, IEnumerable<RequestOutcome> outcomes)
    {
        var failed = outcomes.Where(outcome => !outcome.Success).ToList();
        if (failed.Count == 0)
        {
            return;
        }

        output.WriteLine(failed.Count > Most ? $"Failed requests, the first {Most} of {failed.Count}:" : "Failed requests:");
        for (var i = 0; i < Math.Min(Most, failed.Count); i++)
        {
            output.WriteLine($"Error {i}: {failed[i].Error}");
        }

        if (failed.FirstOrDefault(outcome => outcome.Detail.Length > 0) is { } told)
        {
            output.WriteLine($"The server said: {told.Detail}");
        }
    }
}
