namespace LlmdAspire.Simulator.CommandLine;

/// <summary>vLLM's names for number formats, and how many bits they take.</summary>
internal static class WeightFormat
{
    public const string Auto = "auto";

    public static IReadOnlyList<string> DataTypes { get; } = [Auto, "half", "float16", "bfloat16", "float", "float32"];

    public static IReadOnlyList<string> KvDataTypes { get; } = [Auto, "float16", "bfloat16", "fp8", "fp8_e4m3", "fp8_e5m2", "fp8_inc"];

    /// <summary>compressed-tensors and modelopt only say how the model's file is made; the bits of its weights are the profile's.</summary>
    public static IReadOnlyList<string> Quantizations { get; } =
        ["none", "compressed-tensors", "modelopt", "fp8", "fbgemm_fp8", "ptpc_fp8", "awq", "awq_marlin", "gptq", "gptq_marlin", "bitsandbytes"];

    /// <summary>Bits of a layer's weight; null for the profile's.</summary>
    public static int? WeightBits(string dataType, string? quantization) => (quantization, dataType) switch
    {
        ("fp8" or "fbgemm_fp8" or "ptpc_fp8", _) => 8,
        ("awq" or "awq_marlin" or "gptq" or "gptq_marlin" or "bitsandbytes", _) => 4,
        ("compressed-tensors" or "modelopt", _) => null,
        (_, "float" or "float32") => 32,
        ("none", _) => 16,
        _ => null,
    };

    /// <summary>Bits of a number in the KV cache; null for the profile's.</summary>
    public static int? KvBits(string dataType) => dataType switch
    {
        Auto => null,
        "float16" or "bfloat16" => 16,
        _ => 8,
    };
}
