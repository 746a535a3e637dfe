namespace Aspire.Hosting;

/// <summary>The content of <c>Properties/launchSettings.json</c>.</summary>
public sealed class LaunchSettings
{
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
}

/// <summary>One profile of <c>Properties/launchSettings.json</c>.</summary>
public sealed class LaunchProfile
{
    public string? CommandName { get; set; }

    /// <summary>Listening URLs, separated by semicolons; each becomes an endpoint.</summary>
    public string? ApplicationUrl { get; set; }

    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}
