namespace LlmdAspire.EngineModel.Text;

/// <summary>The "model": says which token comes next.</summary>
/// <remarks>Called by one engine, under its lock: no I/O and no allocation. The tokens depend on what the source was made from and never on load or time.</remarks>
public interface ITokenSource
{
    /// <summary>Tokens after which the model would end by itself; <see cref="int.MaxValue"/> for never.</summary>
    int NaturalLength { get; }

    /// <summary>The next token; defined for as long as it is called.</summary>
    int NextToken();
}
