using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters; configuration <c>Parameters:NAME</c> gives their values.</summary>
public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(CreateParameter(builder, name, secret));
    }

    /// <summary>Adds a parameter whose value is known.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(value);
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException($"Parameter '{name}' is secret; its value cannot be published as a default.", nameof(publishValueAsDefault));
        }

        var parameter = new ParameterResource(name, _ => value, secret);
        if (publishValueAsDefault)
        {
            parameter.Default = new KnownDefault(value);
        }

        return builder.AddResource(parameter);
    }

    /// <summary>Adds a parameter whose value is a certain configuration key.</summary>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string configurationKey, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(configurationKey);
        return builder.AddResource(CreateParameter(builder, name, secret, configurationKey));
    }

    internal static ParameterResource CreateParameter(IDistributedApplicationBuilder builder, string name, bool secret, string? configurationKey = null)
    {
        var key = configurationKey ?? $"Parameters:{name}";
        var configuration = builder.Configuration;
        return new ParameterResource(name, Value, secret);

        string Value(ParameterDefault? fallback)
            => configuration[key]
                ?? fallback?.GetDefaultValue()
                ?? throw new DistributedApplicationException(
                    $"Parameter '{name}' has no value; set the configuration key {key} or the variable {key.Replace(":", "__", StringComparison.Ordinal)}.");
    }

    /// <summary>A value that may stand in a published chart.</summary>
    private sealed class KnownDefault(string value) : ParameterDefault
    {
        public override string GetDefaultValue() => value;
    }
}
