namespace Aspire.Hosting;

/// <summary>The one place that names the engine's container image.</summary>
internal static class VllmImage
{
    public const string Registry = "docker.io";
    public const string Image = "vllm/vllm-openai";
    public const string Tag = "v0.25.1";
}
