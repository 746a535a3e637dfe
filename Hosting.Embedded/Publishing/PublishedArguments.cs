using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The command line of a resource in the cluster.</summary>
internal static class PublishedArguments
{
    /// <exception cref="DistributedApplicationException">An argument is a parameter and nothing else, which real Aspire does not publish either.</exception>
    public static async Task<List<string>> OfAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var args = new List<object>();
        var context = new CommandLineArgsCallbackContext(args, resource, cancellationToken) { ExecutionContext = execution, Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        var published = new PublishedValues(resource);
        return [.. args.Select(argument => Text(resource, published.Of(argument)))];
    }

    private static string Text(IResource resource, PublishedValues.Value value) => value.Parameter is { } parameter
        ? throw new DistributedApplicationException(
            $"Resource '{resource.Name}': an argument is the parameter '{parameter.Name}' and nothing else, which cannot be published; set it as a variable, or write it into a longer argument.")
        : value.Text;
}
