namespace LlmdAspire.Scheduling.Requests;

/// <summary>The forms of request that can be read.</summary>
[Flags]
public enum RequestForms
{
    None = 0,
    OpenAi = 1,
    Anthropic = 2,
    VllmHttp = 4,

    /// <summary>Any request, unread: it is scheduled without model and prompt.</summary>
    Passthrough = 8,

    All = OpenAi | Anthropic | VllmHttp | Passthrough,
}
