namespace Aspire.Hosting;

/// <summary>How an application is built.</summary>
public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>Name of the AppHost's assembly; the entry assembly when null.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>No dashboard is started.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>The AppHost's folder; found through its assembly when null.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>What the resources write goes to the AppHost's log instead of its console.</summary>
    public bool EnableResourceLogging { get; set; }
}
