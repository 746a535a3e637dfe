using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The environment variables of a resource in the cluster: plain ones for its ConfigMap, and those that touch a secret for its Secret.</summary>
internal sealed class PublishedEnvironment
{
    /// <summary>Content of the ConfigMap, in the order in which the model sets the variables.</summary>
    public Dictionary<string, string> Plain { get; } = [];

    /// <summary>Content of the Secret.</summary>
    public Dictionary<string, string> Secret { get; } = [];

    /// <summary>Asks the model for the variables, and puts their values where they are set when the chart is installed.</summary>
    public static async Task<PublishedEnvironment> OfAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, ChartValues values, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        var environment = new PublishedEnvironment();
        var published = new PublishedValues(resource);
        foreach (var (name, value) in context.EnvironmentVariables.Where(variable => !IsAddressOverTls(variable.Key, variable.Value)))
        {
            await environment.AddAsync(resource, name, published.Of(value), values, cancellationToken);
        }

        return environment;
    }

    // Pods have no certificate; who looks a service up must find its plain address.
    private static bool IsAddressOverTls(string name, object value)
        => value is EndpointReference { Scheme: "https" } && name.StartsWith("services__", StringComparison.Ordinal);

    private async Task AddAsync(IResource resource, string name, PublishedValues.Value value, ChartValues values, CancellationToken cancellationToken)
    {
        var isSecret = HelmExpression.RefersToSecret(value.Text);
        var section = isSecret ? HelmExpression.Secrets : HelmExpression.Config;
        var isTemplate = HelmExpression.RefersToValues(value.Text);
        (isSecret ? Secret : Plain)[name] = HelmExpression.AsText(isTemplate ? value.Text : HelmExpression.Value(section, resource.Name, name));

        if (value.Parameter is { } parameter)
        {
            // What has no default that may be published is given when the chart is installed.
            var known = parameter is { Secret: false, Default: not null } ? await parameter.GetValueAsync(cancellationToken) : null;
            values.Add(section, resource.Name, parameter.Name, known ?? "");
        }
        else
        {
            values.Add(section, resource.Name, name, isTemplate ? "" : value.Text);
        }
    }
}
