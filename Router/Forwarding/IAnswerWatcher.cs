namespace LlmdAspire.Router.Forwarding;

/// <summary>Follows an answer that a <see cref="RelayedStream"/> passes on.</summary>
/// <remarks>Called by whoever reads the answer, one call at a time.</remarks>
internal interface IAnswerWatcher
{
    /// <summary>Why the request was ended from outside; null while it was not.</summary>
    string? CutReason { get; }

    /// <summary>Whether that was the time limit.</summary>
    bool TimedOut { get; }

    /// <summary>Cancelled when reading must end.</summary>
    CancellationToken Link(CancellationToken cancellationToken);

    /// <summary>The first byte is on its way to the client.</summary>
    void PassedFirstByte();

    /// <summary>The answer is whole; an empty one had no first byte.</summary>
    void Ended(AnswerTail tail, bool isEvents);

    /// <summary>The answer broke off.</summary>
    void Broke(string reason);
}
