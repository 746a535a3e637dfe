using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Evaluates what the model says about a resource's environment and arguments into plain strings.</summary>
internal static class ExecutionValues
{
    /// <summary>The variables set by the model; the value of a reference is awaited.</summary>
    public static async Task<Dictionary<string, string>> EnvironmentAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, object>();
        var context = new EnvironmentCallbackContext(execution, resource, variables, cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        var values = new Dictionary<string, string>();
        foreach (var (name, value) in variables)
        {
            if (await ResolveAsync(value, resource, execution, cancellationToken) is { } text)
            {
                values[name] = text;
            }
        }

        return values;
    }

    /// <summary>The arguments given by the model, in order.</summary>
    public static async Task<List<string>> ArgumentsAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var args = new List<object>();
        var context = new CommandLineArgsCallbackContext(args, resource, cancellationToken) { ExecutionContext = execution, Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return await ResolveAllAsync(args, resource, execution, cancellationToken);
    }

    /// <summary>The arguments for the container runtime, in order.</summary>
    public static async Task<List<string>> ContainerRuntimeArgumentsAsync(
        IResource resource, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var args = new List<object>();
        var context = new ContainerRuntimeArgsCallbackContext(args, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return await ResolveAllAsync(args, resource, execution, cancellationToken);
    }

    private static async Task<List<string>> ResolveAllAsync(
        List<object> values, IResource resource, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var texts = new List<string>(values.Count);
        foreach (var value in values)
        {
            if (await ResolveAsync(value, resource, execution, cancellationToken) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    private static async ValueTask<string?> ResolveAsync(
        object value, IResource resource, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
        => value switch
        {
            string text => text,
            IValueProvider provider => await provider.GetValueAsync(new ValueProviderContext { ExecutionContext = execution, Caller = resource }, cancellationToken),
            IResourceBuilder<IResource> { Resource: IValueProvider provider } => await ResolveAsync(provider, resource, execution, cancellationToken),
            IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new DistributedApplicationException($"Resource '{resource.Name}': a value of type {value.GetType().Name} cannot be passed to a process."),
        };
}
