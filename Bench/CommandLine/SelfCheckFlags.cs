using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>bench self-check</c>.</summary>
internal sealed class SelfCheckFlags : CommandFlags
{
    public SelfCheckFlags()
        : base(LoadFlags.ProgramName, "Measures this program: how many requests and tokens a second it can take from a server that answers at once, in a second process on this machine.", "self-check")
    {
        Requests = Define("requests", 200_000, "Requests with a short answer.");
        Streams = Define("streams", 4000, "Requests with a long answer.");
        Tokens = Define("tokens", 500, "Tokens of a long answer.");
        EventsPerWrite = Define("events-per-write", 8, "Events of a long answer that are sent in one piece.");
        Concurrency = Define("max-concurrency", 64, "Requests at a time.");
        foreach (var flag in new[] { Requests, Streams, Tokens, EventsPerWrite, Concurrency })
        {
            Check(flag, count => count < 1 ? "must be at least 1" : null);
        }
    }

    public Flag<int> Requests { get; }

    public Flag<int> Streams { get; }

    public Flag<int> Tokens { get; }

    public Flag<int> EventsPerWrite { get; }

    public Flag<int> Concurrency { get; }
}
