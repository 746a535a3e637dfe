using LlmdAspire.EngineModel.Profiles;

namespace LlmdAspire.EngineModel.Tests.Profiles;

public sealed class ProfileCatalogTests
{
    [Fact]
    public void Names_AreProfilesThatCanBeDeployed()
    {
        Assert.Superset(
            new HashSet<string> { "llama31-8b-h100", "llama31-8b-h200", "llama33-70b-fp8-h200", "llama32-3b-l4", "qwen3-0.6b-l4" },
            ProfileCatalog.Names.ToHashSet());
        Assert.All(ProfileCatalog.Names, name =>
        {
            var profile = ProfileCatalog.Find(name, out var mistake)!;
            Assert.Empty(mistake);
            Assert.Null(profile.FindMistake(new Deployment { TensorParallelSize = name == "llama33-70b-fp8-h100" ? 2 : 1 }));
        });
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8B-Instruct", "llama31-8b-h100")]
    [InlineData("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "llama33-70b-fp8-h200")]
    [InlineData("meta-llama/Llama-3.2-3B-Instruct", "llama32-3b-h100")]
    [InlineData("Qwen/Qwen3-0.6B", "qwen3-0.6b-h100")]
    [InlineData("somebody/something", ProfileCatalog.Fallback)]
    public void For_AModel_IsTheProfileThatNamesIt(string model, string profile) => Assert.Equal(profile, ProfileCatalog.For(model).Name);

    [Theory]
    [InlineData("llama31-8b-h100", 8192, 1024)]
    [InlineData("llama32-3b-l4", 2048, 256)]
    public void Defaults_FollowTheGpusMemory_AsInVllm(string name, int tokens, int sequences)
    {
        var profile = ProfileCatalog.Find(name, out _)!;

        Assert.Equal((tokens, sequences), (profile.DefaultMaxBatchedTokens, profile.DefaultMaxSequences));
    }

    [Fact]
    public void File_WithMistakes_NamesAllOfThem()
    {
        const string Json = """
            {
              "description": 5,
              "colour": "red",
              "model": { "hidden_size": 0, "intermediate_size": 1.5, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
                         "head_dim": 128, "vocab_size": 128256, "tie_word_embeddings": "no", "weight_bits": 16, "kv_bits": 16, "experts": 8 },
              "efficiency": { "bandwidth": 1.2, "compute": 0.4, "link": 0.6 },
              "overhead": { "step_ms": 1, "sequence_us": 1, "request_ms": 1, "prompt_token_us": 1, "memory_gib": 1 },
              "transfer": { "bandwidth_gb_s": 10, "handshake_ms": 2 }
            }
            """;

        Assert.Null(ProfileReader.Read("mine", Json, out var mistakes));
        Assert.Equal(
            [
                "description must be a text",
                "model.hidden_size is 0; it must be from 1 to 1048576",
                "model.intermediate_size is 1.5; it must be a whole number",
                "model.tie_word_embeddings must be true or false",
                "model.experts is no field of a profile",
                "gpu must be an object",
                "efficiency.bandwidth is 1.2; it must be from 0.01 to 1",
                "colour is no field of a profile",
            ],
            mistakes);
    }

    [Fact]
    public void File_ThatIsNotThere_OrIsNoJson_IsOneMistake()
    {
        Assert.Null(ProfileCatalog.Find("no-such-profile", out var missing));
        Assert.Contains("llama31-8b-h100", missing, StringComparison.Ordinal);

        Assert.Null(ProfileReader.Read("mine", "{", out var broken));
        Assert.StartsWith("the file is not JSON", Assert.Single(broken), StringComparison.Ordinal);
    }
}
