using LlmdAspire.Scheduling.Configuration;

namespace LlmdAspire.Scheduling.Tests;

/// <summary>llm-d's own configuration files: each loads unchanged, or is refused naming what is not there yet.</summary>
public sealed class ReferenceConfigurationTests
{
    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["epp-burst-prefix-cache-config.yaml"] = "burst-prefix-cache-producer",
        ["epp-mm-embeddings-cache-config.yaml"] = "mm-embeddings-cache-producer",
        ["pd-topology-epp-config.yaml"] = "topology-affinity-filter",
        ["probabilistic-admitter-epp-config.yaml"] = "probabilistic-admitter",
        ["sim-epp-gpu-config.yaml"] = "dcgm-data-source",
        ["sim-program-aware-config.yaml"] = "program-aware-fairness",
        ["soft-reflective-ceiling-epp-config.yaml"] = "soft-reflective-ceiling-policy",
    };

    private static readonly string[] s_all =
    [
        "dp-epp-config.yaml", "epp-burst-prefix-cache-config.yaml", "epp-config.yaml", "epp-estimate-prefix-cache-config.yaml", "epp-mm-embeddings-cache-config.yaml",
        "epp-precise-prefix-cache-config.yaml", "pd-epp-config.yaml", "pd-topology-epp-config.yaml", "probabilistic-admitter-epp-config.yaml", "sim-e-p-d-epp-config.yaml",
        "sim-e-pd-epp-config.yaml", "sim-epp-config.yaml", "sim-epp-gpu-config.yaml", "sim-epp-kvcache-config.yaml", "sim-epp-no-hit-lru.yaml",
        "sim-epp-tokenizer-vllm-http-config.yaml", "sim-pd-epp-config.yaml", "sim-program-aware-config.yaml", "soft-reflective-ceiling-epp-config.yaml",
        "perf/optimized-baseline.yaml", "perf/precise-prefix.yaml", "perf/random-only-default-parsers.yaml", "perf/random-passthrough-parser.yaml",
    ];

    public static TheoryData<string> Files => [.. s_all];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_LoadsOrNamesThePluginThatIsNotThereYet(string file)
    {
        var text = File.ReadAllText(Path.Combine(Folder(), file));
        if (!s_refused.TryGetValue(file, out var plugin))
        {
            Assert.NotEmpty(EndpointPickerConfig.Load(text).Profiles);
            return;
        }

        var refused = Assert.Throws<ConfigurationException>(() => EndpointPickerConfig.Load(text));

        Assert.Contains(refused.Mistakes, line => line.Contains($"'{plugin}' is not supported yet", StringComparison.Ordinal));
        Assert.All(refused.Mistakes, line => Assert.DoesNotContain("does not exist", line, StringComparison.Ordinal));
    }

    // The files belong to others and lie beside the checkout, of which there may be several.
    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "reference", "epp-configs");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        Assert.Skip("shared/reference/epp-configs is not there beside the checkout");
        return "";
    }
}
