using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>How an engine uses several GPUs.</summary>
public static class ParallelismExtensions
{
    /// <summary>Splits each rank over several GPUs.</summary>
    public static IResourceBuilder<VllmResource> WithTensorParallel(this IResourceBuilder<VllmResource> builder, int size)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);

        return builder
            .WithAnnotation(new TensorParallelAnnotation(size), ResourceAnnotationMutationBehavior.Replace)
            .WithArgs("--tensor-parallel-size", size.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Runs several ranks behind the engine's one port, each with its own KV cache; requests name theirs in <c>X-data-parallel-rank</c>.</summary>
    /// <exception cref="InvalidOperationException"><c>WithKvEvents</c> was called before, and took ports for one rank.</exception>
    public static IResourceBuilder<VllmResource> WithDataParallel(this IResourceBuilder<VllmResource> builder, int size)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);

        if (size > 1 && builder.Resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.Name == VllmResource.KvEventsEndpointName))
        {
            throw new InvalidOperationException($"'{builder.Resource.Name}' has ports for the KV events of one rank; call WithDataParallel before WithKvEvents, which takes a port for each.");
        }

        return size == 1
            ? builder
            : builder
                .WithAnnotation(new DataParallelAnnotation(size), ResourceAnnotationMutationBehavior.Replace)
                .WithArgs("--data-parallel-size", size.ToString(CultureInfo.InvariantCulture));
    }
}
