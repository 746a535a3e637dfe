using System.Text;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>Collects edits of one JSON object while a reader passes over its members.</summary>
/// <remarks>Knows which comma goes with a member that is removed, and whether one is needed before members that are added.</remarks>
internal ref struct BodyEditor(long objectStart)
{
    private readonly List<JsonEdit> _edits = [];
    private long _previousEnd = objectStart + 1;
    private long _removeFrom = -1;
    private bool _keptAny;

    public readonly List<JsonEdit> Edits => _edits;

    /// <summary>A member stays, its value perhaps replaced.</summary>
    public void Keep(long nameStart, long valueStart, long end, ReadOnlySpan<byte> newValue = default)
    {
        EndRemovalAt(nameStart);
        if (!newValue.IsEmpty)
        {
            Replace(valueStart, end, newValue);
        }

        _keptAny = true;
        _previousEnd = end;
    }

    /// <summary>A member goes.</summary>
    public void Remove(long nameStart, long end)
    {
        EndRemovalAt(nameStart);
        if (_keptAny)
        {
            Replace(_previousEnd, end, default);
        }
        else
        {
            // Nothing kept stands before it, so the comma behind it goes with it.
            _removeFrom = nameStart;
        }

        _previousEnd = end;
    }

    /// <summary>Adds members, written with commas between them, before the closing brace.</summary>
    public void Append(long closingBrace, string members)
    {
        EndRemovalAt(_previousEnd);
        if (members.Length > 0)
        {
            Replace(closingBrace, closingBrace, Encoding.UTF8.GetBytes(_keptAny ? "," + members : members));
        }
    }

    private readonly void Replace(long start, long end, ReadOnlySpan<byte> bytes) =>
        _edits.Add(new(new(start, end - start), bytes.ToArray()));

    private void EndRemovalAt(long end)
    {
        if (_removeFrom >= 0)
        {
            Replace(_removeFrom, end, default);
            _removeFrom = -1;
        }
    }
}
