namespace LlmdAspire.Bench.Datasets;

/// <summary>Where the requests of a benchmark come from. Equal seeds give equal requests.</summary>
internal interface IDataset
{
    /// <summary>Whether prompts are random text of a promised length, which the server's own tokenizer may be asked about.</summary>
    bool PromisesLength { get; }

    /// <summary>Conversations with <paramref name="requests"/> turns altogether, or fewer where the data has no more.</summary>
    /// <exception cref="ServiceDefaults.UsageException">The file or the numbers do not allow it; the message says what would.</exception>
    IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools);
}
