using System.Text.Json;

namespace LlmdAspire.EngineModel.Profiles;

/// <summary>Reads a profile's JSON and gathers everything that is wrong with it.</summary>
public static class ProfileReader
{
    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <param name="name">What the profile is called.</param>
    /// <returns>The profile, or null with <paramref name="mistakes"/>.</returns>
    public static EngineProfile? Read(string name, string json, out IReadOnlyList<string> mistakes)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            var found = new List<string>();
            mistakes = found;
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                found.Add("the file holds no JSON object");
                return null;
            }

            var profile = Read(name, new ProfileSection(document.RootElement, "", found));
            return found.Count == 0 ? profile : null;
        }
        catch (JsonException e)
        {
            mistakes = [$"the file is not JSON: {e.Message.Split('\n')[0].TrimEnd('.')}"];
            return null;
        }
    }

    private static EngineProfile Read(string name, ProfileSection root)
    {
        var profile = new EngineProfile(
            name,
            root.Text("description"),
            root.Texts("default_for"),
            ReadModel(root.Section("model")),
            ReadGpu(root.Section("gpu")),
            ReadEfficiency(root.Section("efficiency")),
            ReadOverhead(root.Section("overhead")),
            ReadTransfer(root.Section("transfer")));
        root.RefuseOthers();
        return profile;
    }

    private static ModelShape ReadModel(ProfileSection section)
    {
        var model = new ModelShape(
            section.Whole("hidden_size", 1, 1 << 20),
            section.Whole("intermediate_size", 1, 1 << 22),
            section.Whole("num_hidden_layers", 1, 4096),
            section.Whole("num_attention_heads", 1, 4096),
            section.Whole("num_key_value_heads", 1, 4096),
            section.Whole("head_dim", 1, 4096),
            section.Whole("vocab_size", 1, 1 << 24),
            section.Switch("tie_word_embeddings"),
            section.Whole("weight_bits", 1, 32),
            section.Whole("kv_bits", 1, 32));
        section.RefuseOthers();
        return model;
    }

    private static Gpu ReadGpu(ProfileSection section)
    {
        var gpu = new Gpu(
            section.Text("name"),
            section.Number("memory_gib", 0.1, 1e5) * (1 << 30),
            section.Number("bandwidth_gb_s", 1, 1e6) * 1e9,
            section.Number("tflops_16bit", 0.1, 1e6) * 1e12,
            section.Number("tflops_8bit", 0.1, 1e6) * 1e12,
            section.Number("link_gb_s", 0.1, 1e5) * 1e9,
            section.Number("link_latency_us", 0, 1e5) * 1e-6);
        section.RefuseOthers();
        return gpu;
    }

    private static Efficiency ReadEfficiency(ProfileSection section)
    {
        var efficiency = new Efficiency(section.Number("bandwidth", 0.01, 1), section.Number("compute", 0.01, 1), section.Number("link", 0.01, 1));
        section.RefuseOthers();
        return efficiency;
    }

    private static Overhead ReadOverhead(ProfileSection section)
    {
        var overhead = new Overhead(
            section.Number("step_ms", 0, 1e4) * 1e-3,
            section.Number("sequence_us", 0, 1e6) * 1e-6,
            section.Number("request_ms", 0, 1e4) * 1e-3,
            section.Number("prompt_token_us", 0, 1e6) * 1e-6,
            section.Number("memory_gib", 0, 1e4) * (1 << 30));
        section.RefuseOthers();
        return overhead;
    }

    private static TransferLink ReadTransfer(ProfileSection section)
    {
        var transfer = new TransferLink(section.Number("bandwidth_gb_s", 0.001, 1e5) * 1e9, section.Number("handshake_ms", 0, 1e5) * 1e-3);
        section.RefuseOthers();
        return transfer;
    }
}
