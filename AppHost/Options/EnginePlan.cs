using Microsoft.Extensions.Configuration;

namespace LlmdAspire.AppHost;

/// <summary>How the engines of a local run are made.</summary>
/// <param name="IsSimulated">Simulators instead of containers.</param>
/// <param name="Count">How many: what the preset asks for, or as many as there are GPUs.</param>
/// <param name="HasToken">Whether a Hugging Face token is at hand.</param>
internal sealed record EnginePlan(bool IsSimulated, int Count, bool HasToken)
{
    /// <summary>The token as a parameter of the application, shared by all engines; null where there is none or no engine is real.</summary>
    public IResourceBuilder<ParameterResource>? Token { get; init; }

    // Publishers on the model hub whose models ask for an accepted licence, and so for a token.
    private static readonly string[] s_gatedPublishers = ["meta-llama/", "mistralai/", "google/gemma"];

    /// <summary>Plans the engines of a preset.</summary>
    /// <exception cref="DistributedApplicationException">vLLM was asked for and cannot run here, or the model needs a token that is not there.</exception>
    public static EnginePlan For(StackOptions options, int count, IConfiguration configuration, Func<Workstation> look)
    {
        var hasToken = !string.IsNullOrEmpty(configuration["HF_TOKEN"]);
        if (options.Engines == EngineKind.Simulator)
        {
            return new EnginePlan(IsSimulated: true, count, hasToken);
        }

        var here = look();
        if (!here.CanRunVllm)
        {
            return options.Engines == EngineKind.Auto
                ? new EnginePlan(IsSimulated: true, count, hasToken)
                : throw new DistributedApplicationException(
                    $"--engines is 'vllm', but {here.WhyNot}; leave it out, or use --engines simulator, to run simulated engines.");
        }

        if (!hasToken && s_gatedPublishers.Any(publisher => options.Model.StartsWith(publisher, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"--model is '{options.Model}', which is gated: set HF_TOKEN to a Hugging Face token that has access, or choose another model.");
        }

        return new EnginePlan(IsSimulated: false, Math.Min(count, here.Gpus), hasToken);
    }
}
