using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Tools;

/// <summary>What a piece of text adds to one call.</summary>
/// <param name="Begins">Whether the call begins with it, so that its id and name are to be told.</param>
internal readonly ref struct ToolCallDelta(int index, PlannedCall call, bool begins, ReadOnlySpan<byte> arguments)
{
    public int Index { get; } = index;

    public PlannedCall Call { get; } = call;

    public bool Begins { get; } = begins;

    public ReadOnlySpan<byte> Arguments { get; } = arguments;
}

/// <summary>Follows a text that holds calls, as it is generated, and finds the calls' arguments in it.</summary>
/// <remarks>One instance follows one choice. Give it a piece, then take deltas until there is none.</remarks>
internal sealed class ToolCallCursor(PlannedText plan)
{
    private int _call;
    private bool _hasBegun;
    private int _at;

    /// <summary>Calls that are complete in a text of so many bytes.</summary>
    public static int CountComplete(PlannedText plan, int bytes) => plan.Calls.Count(call => call.Arguments.End.Value <= bytes);

    /// <summary>Takes the next delta from the front of <paramref name="piece"/>.</summary>
    /// <returns>Whether there was one; the text between calls says nothing.</returns>
    public bool TryTake(ref ReadOnlySpan<byte> piece, out ToolCallDelta delta)
    {
        delta = default;
        if (piece.IsEmpty || _call == plan.Calls.Count)
        {
            piece = [];
            return false;
        }

        var call = plan.Calls[_call];
        var before = call.Arguments.Start.Value - _at;
        if (before >= piece.Length)
        {
            _at += piece.Length;
            piece = [];
            return false;
        }

        if (before > 0)
        {
            _at += before;
            piece = piece[before..];
        }

        var length = Math.Min(piece.Length, call.Arguments.End.Value - _at);
        delta = new ToolCallDelta(_call, call, !_hasBegun, piece[..length]);
        _hasBegun = true;
        _at += length;
        piece = piece[length..];
        if (_at == call.Arguments.End.Value)
        {
            _call++;
            _hasBegun = false;
        }

        return true;
    }
}
