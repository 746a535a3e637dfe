using System.Buffers;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.Picking;

/// <summary>Makes the scheduler's view of a request out of path, headers and body.</summary>
internal static class RequestReader
{
    /// <summary>Reads a request whose whole body is here; the result points into the body.</summary>
    /// <param name="rewrite">The other model that has to serve it; the result names that one already.</param>
    /// <returns>Null, or why the request is refused.</returns>
    public static Refusal? Read(
        string requestId, string path, RequestForms allowed, Func<string, string?> header, ReadOnlyMemory<byte> body, out InferenceRequest? request, out ModelRewrite? rewrite)
    {
        request = null;
        rewrite = null;
        switch (RequestForm.Of(path, allowed))
        {
            case RequestForms.None:
                return Refusal.BadRequest($"no parser for path {path}");
            case RequestForms.Passthrough:
                request = new InferenceRequest { RequestId = requestId, Header = header };
                return null;
        }

        if (!RequestPeeker.TryPeek(new ReadOnlySequence<byte>(body), out var peek, out var error))
        {
            return Refusal.BadRequest(error!.Message);
        }

        if (string.IsNullOrEmpty(peek.Model))
        {
            return Refusal.BadRequest("model not found in request body");
        }

        rewrite = ModelRewrite.Of(header, peek);
        request = new InferenceRequest
        {
            RequestId = requestId,
            Model = rewrite?.To ?? peek.Model,
            Prompt = body.Slice((int)peek.Prompt.Start, (int)peek.Prompt.Length),
            PromptKind = peek.PromptKind,
            TemplateMembers = peek.TemplateMembers?.Select(member => body.Slice((int)member.Start, (int)member.Length)).ToArray() ?? [],
            CacheSalt = peek.CacheSalt,
            Header = header,
        };
        return null;
    }
}
