namespace LlmdAspire.EngineModel.Timing;

/// <summary>What one step of an engine computes.</summary>
public record struct StepWork
{
    /// <summary>Prompt tokens, and those that are computed again after a lost place.</summary>
    public int PrefillTokens { get; set; }

    /// <summary>Sum over these tokens of the tokens that each attends to.</summary>
    public long PrefillPairs { get; set; }

    /// <summary>Sequences that go on by one token.</summary>
    public int Decodes { get; set; }

    /// <summary>Sequences whose prompt was copied as a whole: its last token is computed, as a decode would.</summary>
    public int Resumed { get; set; }

    /// <summary>Tokens whose KV content decoding and resumed sequences read.</summary>
    public long ContextTokens { get; set; }

    /// <summary>Sequences that get a token out of the step.</summary>
    public int Sampled { get; set; }

    /// <summary>Sequences with a place in the batch, whether or not this step computes something for them.</summary>
    public int Running { get; set; }

    /// <summary>Places in the batch.</summary>
    public int Places { get; set; }

    /// <summary>All tokens that go through the model.</summary>
    public readonly int Tokens => PrefillTokens + Decodes + Resumed;
}
