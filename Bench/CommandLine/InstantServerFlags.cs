using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>bench instant-server</c>, which <c>bench self-check</c> starts.</summary>
internal sealed class InstantServerFlags : CommandFlags
{
    public const string Verb = "instant-server";

    public InstantServerFlags()
        : base(LoadFlags.ProgramName, "Answers every completion at once with the same tokens, until its standard input ends. Prints its port.", Verb)
    {
        Tokens = Define("tokens", 1, "Tokens of an answer.");
        EventsPerWrite = Define("events-per-write", 1, "Events that are sent in one piece.");
        Check(Tokens, count => count < 1 ? "must be at least 1" : null);
        Check(EventsPerWrite, count => count < 1 ? "must be at least 1" : null);
    }

    public Flag<int> Tokens { get; }

    public Flag<int> EventsPerWrite { get; }
}
