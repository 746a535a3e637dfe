namespace LlmdAspire.Bench.Datasets;

/// <summary>Requests that follow each other, each with what was said before; most have one turn.</summary>
internal sealed record Conversation(IReadOnlyList<Turn> Turns)
{
    public static Conversation Of(Turn turn) => new([turn]);
}
