namespace LlmdAspire.KvIndexer.Events;

/// <summary>What a batch's sequence number says.</summary>
internal enum Arrival
{
    /// <summary>The first one, or the one after the last.</summary>
    Next,

    /// <summary>Batches between the last one and this are missing.</summary>
    Gap,

    /// <summary>The publisher counts from the beginning again: its cache is a new one.</summary>
    Restart,

    /// <summary>It was here already.</summary>
    Duplicate,
}

/// <summary>Where an event stream stands. Publishers send no identity and no heartbeat, so sequence and time of the batches are all there is.</summary>
/// <remarks>One writer.</remarks>
internal sealed class EventSequence
{
    private double _time;

    /// <summary>The last batch taken, or null.</summary>
    public long? Last { get; private set; }

    public long Gaps { get; private set; }

    public long Restarts { get; private set; }

    /// <summary>Judges a batch by its sequence number and its time, seconds since the epoch. Changes nothing.</summary>
    public Arrival Judge(long sequence, double time) => Last switch
    {
        null => Arrival.Next,
        { } last when sequence == last + 1 => Arrival.Next,
        { } last when sequence > last => Arrival.Gap,
        // A new publisher counts from 0, and its batches are younger than any of the old one.
        _ => time > _time ? Arrival.Restart : Arrival.Duplicate,
    };

    /// <summary>Notes that a batch was taken.</summary>
    public void Take(long sequence, double time)
    {
        Last = sequence;
        _time = time;
    }

    /// <summary>Stands where another process left the stream.</summary>
    public void Resume(StreamPosition? position)
    {
        Last = position?.Sequence;
        _time = position?.Time ?? 0;
    }

    public void CountGap() => Gaps++;

    /// <summary>Begins anew.</summary>
    public void Restart()
    {
        Restarts++;
        Last = null;
        _time = 0;
    }
}

/// <summary>A batch of a stream.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Time">When it was published, seconds since the epoch.</param>
internal sealed record StreamPosition(long Sequence, double Time);
