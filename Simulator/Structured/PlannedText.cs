using System.Text;

namespace LlmdAspire.Simulator.Structured;

/// <summary>A text that was decided before its first token: a JSON value that the request demands, or calls of tools.</summary>
internal sealed record PlannedText(byte[] Utf8)
{
    public PlannedText(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    /// <summary>The calls that stand in the text, in its order.</summary>
    public IReadOnlyList<PlannedCall> Calls { get; init; } = [];

    /// <summary>Whether the answer ends with <c>tool_calls</c>; a call that was named by the request ends with <c>stop</c>.</summary>
    public bool EndsWithCalls { get; init; }

    /// <summary>The content beside the calls.</summary>
    public string? Content { get; init; }
}

/// <summary>A call of a tool inside a text.</summary>
/// <param name="Arguments">Where in the text's bytes its arguments stand, a JSON object.</param>
internal sealed record PlannedCall(string Id, string Name, Range Arguments);
