namespace LlmdAspire.Scheduling.Endpoints;

/// <summary>The phases of a request that an endpoint serves.</summary>
[Flags]
public enum EndpointRoles
{
    None = 0,
    Decode = 1,
    Prefill = 2,
    Encode = 4,
}

/// <summary>Reads the label <c>llm-d.ai/role</c>.</summary>
public static class RoleLabel
{
    public const string Name = "llm-d.ai/role";

    /// <summary>What a role allows; an endpoint without the label decodes. An unknown role serves no phase.</summary>
    public static EndpointRoles Parse(string? role) => role switch
    {
        null or "decode" => EndpointRoles.Decode,
        "prefill" => EndpointRoles.Prefill,
        "encode" => EndpointRoles.Encode,
        "encode-prefill" => EndpointRoles.Encode | EndpointRoles.Prefill,
        "prefill-decode" or "both" => EndpointRoles.Prefill | EndpointRoles.Decode,
        "encode-prefill-decode" => EndpointRoles.Encode | EndpointRoles.Prefill | EndpointRoles.Decode,
        _ => EndpointRoles.None,
    };
}
