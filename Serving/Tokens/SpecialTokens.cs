namespace LlmdAspire.Serving.Tokens;

/// <summary>Ids and names of the special tokens, numbered as in the Llama 3 vocabulary.</summary>
public static class SpecialTokens
{
    /// <summary>First of the 256 special ids; ordinary tokens lie below.</summary>
    public const int First = 128000;

    /// <summary>One past the last special id.</summary>
    public const int End = 128256;

    public const int BeginOfText = 128000;
    public const int EndOfText = 128001;
    public const int StartHeader = 128006;
    public const int EndHeader = 128007;
    public const int EndOfTurn = 128009;

    private static readonly Dictionary<int, string> s_names = new()
    {
        [BeginOfText] = "<|begin_of_text|>",
        [EndOfText] = "<|end_of_text|>",
        [StartHeader] = "<|start_header_id|>",
        [EndHeader] = "<|end_header_id|>",
        [EndOfTurn] = "<|eot_id|>",
    };

    internal static string Name(int token) => s_names.GetValueOrDefault(token) ?? $"<|special_{token}|>";

    internal static int? Find(string name)
    {
        foreach (var (token, own) in s_names)
        {
            if (own == name)
            {
                return token;
            }
        }

        return null;
    }
}
