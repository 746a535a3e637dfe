namespace LlmdAspire.EngineModel.Profiles;

/// <summary>The profiles that come with the engine, and those in files of a user's own.</summary>
public static class ProfileCatalog
{
    /// <summary>The profile for a model that no profile names.</summary>
    public const string Fallback = "llama31-8b-h100";

    private const string Prefix = "Profiles.";
    private const string Suffix = ".json";

    private static readonly Lazy<IReadOnlyDictionary<string, EngineProfile>> s_own = new(ReadOwn);

    /// <summary>Names of the profiles that come with the engine, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(ProfileCatalog).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal)];

    /// <summary>The profile that fits a model best when none is named.</summary>
    public static EngineProfile For(string model) =>
        s_own.Value.Values.FirstOrDefault(profile => profile.DefaultFor.Any(part => model.Contains(part, StringComparison.OrdinalIgnoreCase)))
        ?? s_own.Value[Fallback];

    /// <summary>Finds a profile by its name or by the path of its file.</summary>
    /// <param name="mistake">What is wrong, all of it, as the end of a sentence that begins with the profile; empty for nothing.</param>
    public static EngineProfile? Find(string nameOrPath, out string mistake)
    {
        mistake = "";
        if (s_own.Value.TryGetValue(nameOrPath, out var own))
        {
            return own;
        }

        if (!File.Exists(nameOrPath))
        {
            mistake = $"is neither a file nor one of {string.Join(", ", Names)}";
            return null;
        }

        try
        {
            var profile = ProfileReader.Read(Path.GetFileNameWithoutExtension(nameOrPath), File.ReadAllText(nameOrPath), out var mistakes);
            mistake = profile is null ? $"has mistakes: {string.Join("; ", mistakes)}" : "";
            return profile;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            mistake = $"cannot be read: {e.Message.TrimEnd('.')}";
            return null;
        }
    }

    private static Dictionary<string, EngineProfile> ReadOwn() => Names.ToDictionary(
        name => name,
        name =>
        {
            using var stream = typeof(ProfileCatalog).Assembly.GetManifestResourceStream(Prefix + name + Suffix)!;
            using var reader = new StreamReader(stream);
            return ProfileReader.Read(name, reader.ReadToEnd(), out var mistakes)
                ?? throw new InvalidDataException($"Profile {name}: {string.Join("; ", mistakes)}.");
        });
}
