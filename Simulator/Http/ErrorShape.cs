using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Http;

/// <summary>A request's feature where its API writes errors in a shape of its own.</summary>
internal sealed class ErrorShape(Func<OpenAiError, byte[]> write)
{
    public byte[] Write(OpenAiError error) => write(error);
}
