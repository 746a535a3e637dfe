using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds vLLM engines to an application model.</summary>
public static class VllmResourceBuilderExtensions
{
    private const int DefaultPort = 8000;

    /// <summary>Adds one vLLM engine: a container that serves <paramref name="model"/> over the OpenAI API.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Resource name.</param>
    /// <param name="model">Model identifier as vLLM takes it.</param>
    /// <param name="port">Port of the API, inside and outside the container alike, so that the address an engine announces is the one others use; when absent, 8000, in a run the first free one from there on.</param>
    public static IResourceBuilder<VllmResource> AddVllm(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string model, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);

        var listen = port ?? builder.UsualPort(DefaultPort);
        return builder.AddResource(new VllmResource(name, model))
            .WithImage(VllmImage.Image, VllmImage.Tag)
            .WithImageRegistry(VllmImage.Registry)
            .WithHttpEndpoint(port: listen, targetPort: listen, name: VllmResource.HttpEndpointName, isProxied: false)
            .OnLoopback(VllmResource.HttpEndpointName)
            .WithArgs(context => AddArguments(context, model, listen))
            .WithContainerRuntimeArgs(ShareMemory)
            .WithHttpHealthCheck("/health", endpointName: VllmResource.HttpEndpointName)
            .WithIconName("BrainCircuit")
            .WithOtlpExporter()
            .AsPublishedEngine();
    }

    /// <summary>Gives this engine GPUs.</summary>
    /// <param name="builder">The engine.</param>
    /// <param name="count">GPUs for one engine process; equals the tensor-parallel size unless data-parallel ranks share it.</param>
    /// <param name="indices">Which of the workstation's GPUs, by index, so that several engines share it; any when absent.</param>
    public static IResourceBuilder<VllmResource> WithGpus(this IResourceBuilder<VllmResource> builder, int count, params int[] indices)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);

        var gpus = new GpuAnnotation(count, indices);
        return builder
            .WithAnnotation(gpus, ResourceAnnotationMutationBehavior.Replace)
            .WithContainerRuntimeArgs(context =>
            {
                var runtime = builder.ApplicationBuilder.Configuration["ASPIRE_CONTAINER_RUNTIME"] ?? "docker";
                foreach (var argument in GpuRuntimeArgs.For(runtime, gpus))
                {
                    context.Args.Add(argument);
                }
            });
    }

    /// <summary>Passes the Hugging Face token that gated models need, as <c>HF_TOKEN</c> in the environment, never as an argument.</summary>
    public static IResourceBuilder<VllmResource> WithHuggingFaceToken(
        this IResourceBuilder<VllmResource> builder, IResourceBuilder<ParameterResource> token)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(token);

        return builder.WithEnvironment("HF_TOKEN", token);
    }

    /// <summary>Keeps downloaded models in a named volume, shared by every engine that names it.</summary>
    public static IResourceBuilder<VllmResource> WithModelCache(this IResourceBuilder<VllmResource> builder, string volume = "llmd-model-cache")
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithVolume(volume, "/root/.cache/huggingface");
    }

    /// <summary>Runs the simulator project in place of the container; name, endpoints and references stay. Publishing is not affected.</summary>
    /// <typeparam name="TProject">The simulator's project.</typeparam>
    /// <param name="builder">The engine.</param>
    /// <param name="timeScale">How many times faster than real time the simulated engine runs.</param>
    public static IResourceBuilder<VllmResource> RunAsSimulator<TProject>(this IResourceBuilder<VllmResource> builder, double timeScale = 1)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(timeScale);
        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        var engine = builder.Resource;
        RemoveContainerAnnotations(engine);
        builder.ApplicationBuilder.Resources.Remove(engine);
        builder.ApplicationBuilder.AddResource(new SimulatedVllmResource(engine)).WithAnnotation(new TProject());
        return builder.WithArgs("--time-scale", timeScale.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Whether this engine runs as a simulator instead of a container.</summary>
    internal static bool IsSimulated(this IResource engine) => engine.HasAnnotationOfType<IProjectMetadata>();

    // Its workers talk through /dev/shm, of which a container has 64 MiB of its own; engines of one workstation hand KV blocks to each other there.
    private static void ShareMemory(ContainerRuntimeArgsCallbackContext context)
    {
        context.Args.Add("--ipc");
        context.Args.Add("host");
    }

    private static void AddArguments(CommandLineArgsCallbackContext context, string model, int port)
    {
        context.Args.Add("--model");
        context.Args.Add(model);
        context.Args.Add("--host");
        context.Args.Add(context.Resource.IsSimulated() ? LocalAddress.Loopback : "0.0.0.0");
        context.Args.Add("--port");
        context.Args.Add(port.ToString(CultureInfo.InvariantCulture));
        // Says in every answer how much of the prompt was cached, which is what predictions are compared with.
        context.Args.Add("--enable-prompt-tokens-details");
    }

    // The orchestrator takes any resource with an image for a container, whatever its type.
    private static void RemoveContainerAnnotations(VllmResource engine)
    {
        var containerOnly = engine.Annotations.Where(annotation =>
            annotation is ContainerImageAnnotation or ContainerRuntimeArgsCallbackAnnotation or ContainerMountAnnotation).ToList();
        foreach (var annotation in containerOnly)
        {
            engine.Annotations.Remove(annotation);
        }
    }
}
