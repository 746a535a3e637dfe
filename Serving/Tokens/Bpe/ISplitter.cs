namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Cuts text into words, across which tokens never reach. Immutable and thread-safe.</summary>
internal interface ISplitter
{
    /// <summary>The length of the piece that <paramref name="text"/> begins with; never 0 for a text that is not empty.</summary>
    /// <param name="text">All of the text that is left of what is being cut. What lies before it was cut off already, and no pattern looks back.</param>
    int Next(ReadOnlySpan<char> text);
}
