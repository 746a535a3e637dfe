namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>What a tokenizer file holds, read and checked.</summary>
internal sealed record BytePairParts
{
    public required Vocabulary Vocabulary { get; init; }

    public required MergeTable Merges { get; init; }

    /// <summary>The token of each byte.</summary>
    public required int[] ByteTokens { get; init; }

    /// <summary>Whether a word that is a token is taken as that, whatever merging would give.</summary>
    public required bool TakesWholeWords { get; init; }

    /// <summary>Whether text is brought into Unicode's form C first.</summary>
    public required bool Normalizes { get; init; }

    public required IReadOnlyList<ISplitter> Splitters { get; init; }

    public required IReadOnlyList<AddedToken> Added { get; init; }

    /// <summary>Tokens that begin a prompt.</summary>
    public required IReadOnlyList<int> Before { get; init; }

    /// <summary>Tokens that end a prompt.</summary>
    public required IReadOnlyList<int> After { get; init; }
}
