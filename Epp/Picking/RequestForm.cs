using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Epp.Picking;

/// <summary>Which form a request has, by the end of its path.</summary>
internal static class RequestForm
{
    private static readonly (string Suffix, RequestForms Form)[] s_paths =
    [
        ("/completions", RequestForms.OpenAi),
        ("/completions/render", RequestForms.OpenAi),
        ("/responses", RequestForms.OpenAi),
        ("/embeddings", RequestForms.OpenAi),
        ("/images/generations", RequestForms.OpenAi),
        ("/v1/messages", RequestForms.Anthropic),
        ("/inference/v1/generate", RequestForms.VllmHttp),
    ];

    /// <summary>The form to read a path as; none when no allowed form fits.</summary>
    public static RequestForms Of(string path, RequestForms allowed)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var end = query < 0 ? path : path[..query];
        foreach (var (suffix, form) in s_paths)
        {
            if ((allowed & form) != 0 && end.EndsWith(suffix, StringComparison.Ordinal))
            {
                return form;
            }
        }

        return allowed & RequestForms.Passthrough;
    }
}
