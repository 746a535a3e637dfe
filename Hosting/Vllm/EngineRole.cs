namespace Aspire.Hosting.ApplicationModel;

/// <summary>What an engine does of a request: all of it, or one of the two halves of a disaggregated pair.</summary>
public enum EngineRole
{
    /// <summary>Prefill and decode.</summary>
    Both,

    /// <summary>Computes the prompt's KV cache and hands it over.</summary>
    Prefill,

    /// <summary>Fetches the prompt's KV cache and generates.</summary>
    Decode,
}

/// <summary>The role of an engine; absent means <see cref="EngineRole.Both"/>.</summary>
internal sealed record EngineRoleAnnotation(EngineRole Role) : IResourceAnnotation
{
    /// <summary>The value of the label <c>llm-d.ai/role</c> that pickers filter by.</summary>
    public string Label => Role switch
    {
        EngineRole.Prefill => "prefill",
        EngineRole.Decode => "decode",
        _ => "prefill-decode",
    };
}
